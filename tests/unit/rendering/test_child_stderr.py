"""What decoders write to stderr is a stranger's text: it never reaches the terminal, and the log only escaped."""

import asyncio
from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from structlog.testing import capture_logs

from core.errors import InvalidImage, WorkerLost
from rendering import Renderer
from tests.harness.forkservers import forkservers
from tests.unit.rendering.renderers import a_renderer, hostile, render, render_children

ESCAPE_SEQUENCE = "\x1b]0;owned\x07\nforged line\n"


@pytest.fixture
async def renderer() -> Any:  # noqa: ANN401 - an asynchronous iterator of one renderer
    async with a_renderer() as renderer:
        yield renderer


def texts(logs: list[Any], *, level: str) -> list[str]:
    return [each["text"] for each in logs if each["event"] == "render_process_stderr" and each["log_level"] == level]


def a_broken_tiff() -> bytes:
    """Libtiff complains of its second strip of LZW codes."""
    file = BytesIO()
    Image.linear_gradient("L").save(file, "TIFF", compression="tiff_lzw")
    data = bytearray(file.getvalue())
    data[len(data) // 2 : len(data) // 2 + 200] = b"\xff" * 200
    return bytes(data)


async def test_a_terminal_sees_nothing_of_it(renderer: Renderer, capfd: pytest.CaptureFixture[str]) -> None:
    with capture_logs() as logs:
        await hostile(renderer, "write to stderr", ESCAPE_SEQUENCE)
        await hostile(renderer, "write to stdout", ESCAPE_SEQUENCE)
    assert texts(logs, level="debug") == [r"\x1b]0;owned\x07\nforged line\n"]
    assert "owned" not in "".join(capfd.readouterr())


async def test_what_libtiff_complains_of(renderer: Renderer, capfd: pytest.CaptureFixture[str]) -> None:
    with capture_logs() as logs, pytest.raises(InvalidImage):
        await render(renderer, source=a_broken_tiff())
    assert ["LZW" in text or "tempfile.tif" in text for text in texts(logs, level="debug")] == [True]
    assert "tempfile.tif" not in "".join(capfd.readouterr())


async def test_a_full_pipe_blocks_nobody(renderer: Renderer) -> None:
    for _ in range(2):
        with capture_logs() as logs:
            assert (await hostile(renderer, "flood stderr", "\x1b")).width == 40
        assert [len(text) for text in texts(logs, level="debug")] == [4 * 4096]


async def test_the_traceback_of_a_process_that_ended_is_logged(renderer: Renderer) -> None:
    with capture_logs() as logs:
        with pytest.raises(WorkerLost):
            await hostile(renderer, "escape", "this very reason")
        await render(renderer)  # by another child, which starts once the first is cleared away
    (text,) = texts(logs, level="warning")
    assert "Traceback" in text
    assert "KeyboardInterrupt: this very reason" in text


async def test_so_it_is_after_another_forkserver_started(renderer: Renderer, capfd: pytest.CaptureFixture[str]) -> None:
    (forkserver,) = forkservers()
    (process,) = render_children()
    forkserver.kill()
    await asyncio.to_thread(process.wait, 30)  # the kernel ends it after the forkserver
    with pytest.raises(WorkerLost):
        await render(renderer)
    with capture_logs() as logs:
        await hostile(renderer, "write to stderr", "again")
    assert texts(logs, level="debug") == ["again"]
    assert "again" not in "".join(capfd.readouterr())
