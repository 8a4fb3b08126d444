"""What `darkroom apply` shows at a terminal, and what not in a pipe."""

import base64
import io
import os
import pty
import re
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from PIL import Image

from tests.harness.client import sample_image
from tests.harness.deployment import Deployment
from tests.harness.shell import Shell

COLOR = re.compile(rb"\x1b\[[0-9;]*m")
APPLY = ("apply", "photos", "-f", "sepia", "-o", "out")


@pytest.fixture
def shell(any_deployment: Deployment, tmp_path: Path) -> Shell:
    shell = Shell(home=tmp_path, url=any_deployment.url)
    shell.sign_up()
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "a.jpg").write_bytes(sample_image())
    return shell


def typed(shell: Shell, *arguments: str, **environment: str) -> bytes:
    """Return what is shown by a command whose standard error is a terminal; of `filters`, also standard output."""
    ours, its = pty.openpty()
    process = subprocess.Popen(  # noqa: S603 - our own module
        [sys.executable, "-m", "darkroom", *arguments],
        cwd=shell.home,
        env=shell.environment() | {"TERM": "xterm-256color"} | environment,
        stdout=its if arguments[0] == "filters" else subprocess.DEVNULL,
        stderr=its,
    )
    os.close(its)
    shown = b""
    with suppress(OSError):  # the end, on Linux
        while data := os.read(ours, 4096):
            shown += data
    os.close(ours)
    assert process.wait() == 0, shown
    return shown


def test_progress_and_a_summary(shell: Shell) -> None:
    shown = typed(shell, *APPLY)
    assert b"all files" in shown
    assert COLOR.search(shown)
    assert re.search(rb"1 succeeded in \d+\.\d s", COLOR.sub(b"", shown))
    assert re.search(rb"1 skipped in ", COLOR.sub(b"", typed(shell, *APPLY)))


def test_no_color_and_quiet(shell: Shell) -> None:
    assert not re.search(rb"\x1b\[[0-9;]*3[0-9]", typed(shell, *APPLY, NO_COLOR="1"))
    assert typed(shell, *APPLY, "--quiet") == b""


def test_a_pipe_gets_results_only(shell: Shell) -> None:
    done = shell.run(*APPLY)
    assert (done.lines, done.stderr) == (["out/a.jpg"], "")
    assert shell.run(*APPLY, "--quiet").stdout == b""


@pytest.mark.parametrize(
    ("variable", "terminal", "commands"),
    [
        ("TERM", "xterm-kitty", rb"\x1b_G[^;]*;([^\x1b]*)\x1b\\"),
        ("TERM_PROGRAM", "iTerm.app", rb"\x1b]1337;File=[^:]*:([^\x07]*)\x07"),
    ],
)
def test_a_picture_where_a_terminal_can(shell: Shell, variable: str, terminal: str, commands: bytes) -> None:
    assert not re.findall(commands, typed(shell, "filters", "grayscale", **{variable: terminal})), (
        "there is no image yet"
    )
    shell.ok(*APPLY)
    parts = re.findall(commands, typed(shell, "filters", "grayscale", **{variable: terminal}))
    with Image.open(io.BytesIO(base64.b64decode(b"".join(parts)))) as picture:
        assert (picture.format, picture.size, picture.convert("RGB").getcolors(1) is None) == ("PNG", (64, 48), True)
        red, green, blue = picture.convert("RGB").split()
        assert red.tobytes() == green.tobytes() == blue.tobytes()
    assert b"sigma" in typed(shell, "filters", "blur")
