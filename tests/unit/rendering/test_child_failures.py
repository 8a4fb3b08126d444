"""A render process may die of an image, hang or be hostile: the next task never notices."""

import asyncio
import signal
import subprocess
import sys
import time

import psutil
import pytest

from core.errors import (
    DarkroomError,
    PermanentError,
    RenderTimeout,
    ResourceLimit,
    WorkerLost,
)
from rendering import RenderedOutput, Renderer
from tests.harness.forkservers import forkservers
from tests.harness.scale import within
from tests.unit.rendering.renderers import (
    ROOT,
    a_renderer,
    hostile,
    lost_processes,
    render,
    render_children,
    render_in_time,
)


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


@pytest.mark.parametrize("act", ["write much", "open many"])
async def test_a_process_cannot_fill_the_memory_or_the_file_table(renderer: Renderer, act: str) -> None:
    with pytest.raises(PermanentError):
        await hostile(renderer, act, str(ROOT / "imaging" / "render.py"))


_PARENT = """
import asyncio, sys
from rendering import RenderSettings
from rendering import open_renderer
from tests.unit.rendering.renderers import HOSTILE, hostile

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
    gone, alive = psutil.wait_procs(offspring, timeout=300)
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
