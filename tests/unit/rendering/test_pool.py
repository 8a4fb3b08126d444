"""A render child may die of a picture, hang or be hostile: the next task never notices."""

import asyncio
import hashlib
import signal
import struct
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, suppress
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import psutil
import pytest
from PIL import Image

from core.errors import (
    DarkroomError,
    ImageTooLarge,
    InvalidImage,
    InvalidOutput,
    InvalidPipeline,
    PermanentError,
    RenderTimeout,
    ResourceLimit,
    UnsupportedImageFeature,
    WorkerLost,
)
from core.telemetry import CHILDREN_LOST
from rendering import RenderedOutput, Renderer, RenderSettings, open_renderer
from rendering.forkserver_client import child_environment
from tests.harness.forkservers import forkservers
from tests.harness.scale import within

ROOT = Path(__file__).parents[3]
CASES = ROOT / "tests/unit/imaging/codecs/cases"
HOSTILE = "tests.unit.rendering.hostile"
_HEADER = struct.pack("<IiiHHIIiiII", 40, 1, 1, 1, 0, 4, *[0] * 5)  # compression 4 is JPEG
BMP_OF_A_JPEG = b"BM" + struct.pack("<IHHI", 14 + len(_HEADER), 0, 0, 14 + len(_HEADER)) + _HEADER


def a_picture(width: int = 40, height: int = 30, *, file_format: str = "PNG") -> bytes:
    file = BytesIO()
    Image.linear_gradient("L").resize((width, height)).convert("RGB").save(file, file_format)
    return file.getvalue()


def a_renderer(
    *, slots: int = 1, timeout_seconds: float = 300, cpu_seconds: int = 20, renders_per_process: int = 200
) -> AbstractAsyncContextManager[Renderer]:
    settings = RenderSettings(
        max_pixels=1_000_000, max_side=5000, memory_bytes=2**30, cpu_seconds=cpu_seconds, preload=(HOSTILE,)
    )
    return open_renderer(
        settings, slots=slots, timeout_seconds=timeout_seconds, renders_per_process=renders_per_process
    )


@pytest.fixture
async def renderer() -> AsyncIterator[Renderer]:
    async with a_renderer() as renderer:
        yield renderer


async def render_in_time(renderer: Renderer) -> RenderedOutput:
    """Where the limit is short, a busy machine may pass it with any picture."""
    for _ in range(20):
        with suppress(RenderTimeout):
            return await render(renderer)
    raise AssertionError("20 renders took longer than their limit")


async def render(renderer: Renderer, *steps: dict[str, Any], source: bytes | None = None) -> RenderedOutput:
    return await renderer.render(a_picture() if source is None else source, pipeline=steps, output_options={})


async def hostile(renderer: Renderer, act: str, argument: str = "") -> RenderedOutput:
    return await render(renderer, {"filter": "hostile", "act": act, "argument": argument})


def lost_processes() -> float:
    """How many ran into a limit so far."""
    samples = (sample for metric in CHILDREN_LOST.collect() for sample in metric.samples)
    return sum(
        each.value for each in samples if each.name.endswith("_total") and ResourceLimit.code in each.labels.values()
    )


def render_children() -> list[psutil.Process]:
    found = [child for forkserver in forkservers() for child in forkserver.children()]
    return [each for each in found if each.status() != psutil.STATUS_ZOMBIE]


async def test_renders_an_image_in_a_process(renderer: Renderer) -> None:
    rendered = await render(renderer, {"filter": "grayscale"}, {"filter": "resize", "width": 20})
    with Image.open(BytesIO(rendered.data)) as image:
        assert (image.size, image.format, image.mode) == ((20, 15), "PNG", "P")  # of few greys
    assert (rendered.width, rendered.height, rendered.format) == (20, 15, "png")
    assert rendered.sha256 == hashlib.sha256(rendered.data).hexdigest()


async def test_a_small_image_after_a_large_one_is_whole(renderer: Renderer) -> None:
    large = await render(renderer, source=a_picture(1000, 1000, file_format="BMP"))
    small = await render(renderer)
    assert len(large.data) > len(small.data)
    with Image.open(BytesIO(small.data)) as image:
        image.load()
        assert image.size == (40, 30)


async def test_as_many_processes_as_slots_and_none_is_left() -> None:
    async with a_renderer(slots=2) as renderer:
        assert len(render_children()) == 2
        await asyncio.gather(*(render(renderer) for _ in range(6)))
        assert len(offspring := render_children()) == 2
    assert not any(each.is_running() for each in offspring)
    assert forkservers() == []


@pytest.mark.parametrize(
    ("source", "error"),
    [
        (b"no picture", InvalidImage),
        (b"", InvalidImage),
        (a_picture()[:60], InvalidImage),
        (a_picture(2000, 2000), ImageTooLarge),
        (BMP_OF_A_JPEG, UnsupportedImageFeature),
    ],
)
async def test_a_fault_of_the_image_is_permanent_and_keeps_the_process(
    renderer: Renderer, source: bytes, error: type[DarkroomError]
) -> None:
    before = render_children()
    with pytest.raises(error):
        await render(renderer, source=source)
    assert render_children() == before


@pytest.mark.parametrize("name", ["bmp4444.bmp", "cmyka8.tif", "grey12.tif", "float_nan.tif", "thumb_first_ifd.tif"])
async def test_what_native_code_decodes_is_rendered_in_the_sandbox(renderer: Renderer, name: str) -> None:
    before = render_children()
    assert (await render(renderer, source=(CASES / name).read_bytes())).width > 0
    assert render_children() == before


async def test_that_an_invalid_pipeline_keeps_its_code_and_its_paths(renderer: Renderer) -> None:
    before = render_children()
    with pytest.raises(InvalidPipeline, match="vanished") as raised:
        await render(renderer, {"filter": "vanished"})
    assert [each.place for each in raised.value.problems] == ["pipeline.0.filter"]
    with pytest.raises(InvalidOutput) as raised:
        await renderer.render(a_picture(), pipeline=[], output_options={"format": "auto", "progressive": True})
    assert [each.place for each in raised.value.problems] == ["output.progressive"]
    assert render_children() == before


@pytest.mark.parametrize(
    ("act", "argument", "error"),
    [
        ("die", "SIGKILL", WorkerLost),
        ("die", "SIGSEGV", WorkerLost),
        ("die", "SIGXCPU", ResourceLimit),
        ("exit", "", WorkerLost),
        ("grab memory", "", ResourceLimit),
        ("answer nonsense", "nonsense", WorkerLost),
        ("answer nonsense", '{"outcome": "rendered", "output_bytes": 999999}', WorkerLost),
        ("answer nonsense", "9" * 2_000_000, WorkerLost),
    ],
)
async def test_a_process_that_dies_or_lies_is_replaced(
    renderer: Renderer, act: str, argument: str, error: type[DarkroomError]
) -> None:
    before = render_children()
    with pytest.raises(error):
        await hostile(renderer, act, argument)
    assert (await render(renderer)).width == 40
    assert len(render_children()) == 1
    assert render_children() != before


async def test_that_a_render_without_memory_is_tried_again_in_a_fresh_process_only(renderer: Renderer) -> None:
    """One that has rendered before may have had less memory than a fresh one."""
    for renders, tries in ((0, 1), (1, 2)):
        for _ in range(renders):
            await render(renderer)
        before = lost_processes()
        with pytest.raises(ResourceLimit):
            await hostile(renderer, "grab memory")
        assert lost_processes() - before == tries


async def test_a_render_that_hangs_is_killed_by_the_wall_clock() -> None:
    async with a_renderer(timeout_seconds=2) as renderer:
        for act in ("hang", "burn"):
            with within(2), pytest.raises(RenderTimeout):
                await hostile(renderer, act)
        assert (await render_in_time(renderer)).width == 40


async def test_cpu_time_is_limited_for_each_render_anew() -> None:
    async with a_renderer(cpu_seconds=1) as renderer:
        with pytest.raises(ResourceLimit):
            await hostile(renderer, "burn")
        assert (await render(renderer)).width == 40


async def test_a_stopped_process_is_killed_by_the_wall_clock() -> None:
    async with a_renderer(timeout_seconds=2) as renderer:
        render_children()[0].send_signal(signal.SIGSTOP)
        with pytest.raises(RenderTimeout):
            await render(renderer)
        assert (await render_in_time(renderer)).width == 40


async def test_the_death_of_a_process_harms_no_other_task() -> None:
    async with a_renderer(slots=2) as renderer:
        acts = (hostile(renderer, "die", "SIGKILL") for _ in range(5))
        renders = (render(renderer) for _ in range(20))
        results = await asyncio.gather(*acts, *renders, return_exceptions=True)
    assert all(isinstance(result, WorkerLost) for result in results[:5])
    assert all(isinstance(result, RenderedOutput) for result in results[5:])


async def test_a_cancelled_render_stops_at_once(renderer: Renderer) -> None:
    (child,) = render_children()
    rendering = asyncio.create_task(hostile(renderer, "hang"))
    await asyncio.sleep(0.2)  # to be cancelled in the child; what comes before is cancelled in the same way
    rendering.cancel()
    with pytest.raises(asyncio.CancelledError):
        await rendering
    assert (await render(renderer)).width == 40
    assert not child.is_running()


async def test_a_process_is_replaced_after_so_many_renders() -> None:
    async with a_renderer(renders_per_process=3) as renderer:
        pids = []
        for _ in range(7):
            pids.append(render_children()[0].pid if render_children() else 0)
            await render(renderer)
            await asyncio.sleep(0.1)
    assert pids[0] == pids[1] == pids[2] != pids[3]
    assert pids[3] == pids[4] == pids[5] != pids[6]


async def test_another_forkserver_starts_when_one_dies(renderer: Renderer) -> None:
    (forkserver,) = forkservers()
    rendering = asyncio.create_task(hostile(renderer, "hang"))
    await asyncio.sleep(0.2)
    forkserver.kill()
    with pytest.raises(WorkerLost):
        await rendering
    assert (await render(renderer)).width == 40


async def test_the_loop_goes_on_while_a_process_renders() -> None:
    async with a_renderer(timeout_seconds=0.5) as renderer:
        rendering = asyncio.create_task(hostile(renderer, "burn"))
        turns = 0
        while not rendering.done():
            await asyncio.sleep(0.005)
            turns += 1
        with pytest.raises(RenderTimeout):
            await rendering
    assert turns > 1, "the loop stood still until the child had ended"


def test_the_environment_of_a_process_is_an_allow_list() -> None:
    service = {"PATH": "/bin", "DARKROOM_DATABASE_URL": "secret", "AWS_SECRET_ACCESS_KEY": "secret", "LANG": "C"}
    environment = child_environment(service)
    assert environment.keys() == {
        *("PATH", "LANG", "PYTHONPATH", "PILLOW_BLOCKS_MAX", "MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_"),
        "OPENBLAS_NUM_THREADS",
    }


@pytest.mark.parametrize("act", ["write much", "open many"])
async def test_a_process_cannot_fill_the_memory_or_the_file_table(renderer: Renderer, act: str) -> None:
    with pytest.raises(PermanentError):
        await hostile(renderer, act, str(ROOT / "imaging" / "render.py"))


_PARENT = """
import asyncio, sys
from rendering import RenderSettings
from rendering import open_renderer
from tests.unit.rendering.test_pool import HOSTILE, hostile

async def main():
    settings = RenderSettings(max_pixels=10**6, max_side=5000, memory_bytes=2**30, cpu_seconds=20, preload=(HOSTILE,))
    async with open_renderer(settings, slots=2, timeout_seconds=60) as renderer:
        print("ready", flush=True)
        await hostile(renderer, "burn")

asyncio.run(main())
"""


def test_a_killed_parent_leaves_no_process() -> None:
    command = [sys.executable, "-c", _PARENT]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT) as parent:  # noqa: S603 - our own code
        assert parent.stdout
        parent.stdout.readline()
        time.sleep(0.3)
        offspring = psutil.Process(parent.pid).children(recursive=True)
        parent.kill()
    gone, alive = psutil.wait_procs(offspring, timeout=60)
    assert (len(gone), alive) == (3, [])


@pytest.mark.parametrize("each_signal", [signal.SIGINT, signal.SIGTERM])
async def test_signals_to_the_whole_process_group_leave_the_processes_alone(
    renderer: Renderer, each_signal: signal.Signals
) -> None:
    await render(renderer)  # the forkserver is up: a signal before would only make the worker start another one
    for process in forkservers() + render_children():
        process.send_signal(each_signal)
    assert (await render(renderer)).width == 40


async def test_nothing_is_leaked_by_processes_that_die(renderer: Renderer) -> None:
    await render(renderer)
    before = psutil.Process().num_fds()
    for _ in range(10):
        with pytest.raises(WorkerLost):
            await hostile(renderer, "die", "SIGKILL")
    await render(renderer)
    assert psutil.Process().num_fds() <= before + 1


def test_works_under_uvloop() -> None:
    uvloop = pytest.importorskip("uvloop")

    async def main() -> None:
        async with a_renderer() as renderer:
            with pytest.raises(WorkerLost):
                await hostile(renderer, "die", "SIGKILL")
            assert (await render(renderer)).width == 40

    uvloop.run(main())
    assert forkservers() == []


async def test_a_large_source_and_auxiliary_images_do_not_mix(renderer: Renderer) -> None:
    """Nor does anything of them stay for the next task."""
    auxiliary_images = {uuid4(): a_picture(20 + index, 10) for index in range(3)}
    steps = [{"filter": "overlay", "image_id": str(image_id), "fit": "fill"} for image_id in auxiliary_images]
    for _ in range(2):
        output = await renderer.render(
            a_picture(900, 800), pipeline=steps, output_options={}, auxiliary_images=auxiliary_images
        )
        assert (output.width, output.height) == (900, 800)
    with pytest.raises(PermanentError, match=r"the auxiliary image .* is missing"):
        await renderer.render(a_picture(), pipeline=steps, output_options={})


async def test_what_other_images_left_behind_takes_no_room_from_the_next() -> None:
    """The second one fits into a new child, and must into one that still holds the memory of the first."""
    large, wide = plain("RGBA", (7071, 7071)), plain("RGB", (16384, 3051))
    settings = RenderSettings(max_pixels=50_000_000, max_side=16384, memory_bytes=990 * 2**20, cpu_seconds=36)
    async with open_renderer(settings, slots=1, timeout_seconds=60) as renderer:
        await render(renderer, {"filter": "resize", "width": 4714}, source=large)
        crop = {"filter": "crop", "width": 4096, "height": 3051}
        rendered = await render(renderer, crop, {"filter": "resize", "width": 2000}, source=wide)
    assert (rendered.width, rendered.height) == (2000, 1490)


def plain(mode: str, size: tuple[int, int]) -> bytes:
    file = BytesIO()
    Image.new(mode, size, "teal").save(file, "PNG", compress_level=1)
    return file.getvalue()


def test_that_a_render_process_does_not_load_the_service() -> None:
    """The front door is lazy: each module that the forkserver loads is memory of every render process."""
    code = "import sys, rendering.forkserver, rendering.child; print(*sys.modules)"
    ended = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=60)  # noqa: S603 - ours
    assert "imaging.render" in ended.stdout.split()
    assert not {"rendering.pool", "structlog", "prometheus_client", "storage", "broker"} & set(ended.stdout.split())
