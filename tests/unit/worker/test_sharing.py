"""Tasks that do the same work: it is done once, and whatever becomes of that, each task ends by itself."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from prometheus_client import REGISTRY

from core.tasks import Task, TaskStatus
from imaging import render_digest
from rendering import Renderer
from tests.unit.worker.bench import DIE, HANG, SEPIA, Bench, hostile_renderer
from worker.executor import Executor


@pytest.fixture
async def renderer() -> AsyncIterator[Renderer]:
    async with hostile_renderer(slots=2) as renderer:
        yield renderer


@pytest.fixture
def executor(bench: Bench, renderer: Renderer) -> Executor:
    return bench.executor(renderer)


@pytest.fixture
def digest(bench: Bench) -> str:
    return render_digest([str(bench.owner_id)], [SEPIA], {})


def copied() -> float:
    return REGISTRY.get_sample_value("darkroom_outputs_copied_total") or 0


async def execute(bench: Bench, executor: Executor, task: Task) -> Task:
    await executor.execute(task.task_id, redelivered=False)
    return await bench.now(task)


async def read(bench: Bench, task: Task) -> bytes:
    assert task.output
    return await bench.storage.objects.get(task.output.key, max_bytes=2**20)


async def test_the_second_task_copies_the_output(bench: Bench, executor: Executor, digest: str) -> None:
    before = copied()
    first = await execute(bench, executor, await bench.submit(SEPIA, digest=digest))
    second = await execute(bench, executor, await bench.submit(SEPIA, digest=digest))
    assert copied() == before + 1
    assert first.output
    assert second.output
    assert second.output.key == f"outputs/{second.task_id}/1.png"
    assert (second.output.sha256, second.output.bytes) == (first.output.sha256, first.output.bytes)
    assert (second.render_report, second.output.width) == (first.render_report, first.output.width)
    assert await read(bench, second) == await read(bench, first)


async def test_a_copy_outlives_the_first_task(bench: Bench, executor: Executor, digest: str) -> None:
    first = await execute(bench, executor, await bench.submit(SEPIA, digest=digest))
    second = await execute(bench, executor, await bench.submit(SEPIA, digest=digest))
    keys = await bench.storage.tasks.delete(first.task_id, owner_id=bench.owner_id)
    assert keys
    await bench.storage.objects.discard(keys)
    assert await read(bench, second)


async def test_an_output_that_is_gone_is_rendered_again(bench: Bench, executor: Executor, digest: str) -> None:
    """Its row was found, and its object was deleted before the copy."""
    first = await execute(bench, executor, await bench.submit(SEPIA, digest=digest))
    assert first.output
    await bench.storage.objects.delete([first.output.key])
    before = copied()
    second = await execute(bench, executor, await bench.submit(SEPIA, digest=digest))
    assert second.status is TaskStatus.SUCCEEDED
    assert await read(bench, second)
    assert copied() == before


async def test_who_comes_meanwhile_waits_and_copies(bench: Bench, executor: Executor, digest: str) -> None:
    tasks = [await bench.submit(SEPIA, digest=digest) for _ in range(4)]
    before = copied()
    first = await bench.storage.tasks.claim(tasks[0].task_id, worker_id="other", lease_seconds=30)
    assert first
    others = [asyncio.create_task(execute(bench, executor, task)) for task in tasks[1:]]
    await asyncio.sleep(0.3)
    assert not any(task.done() for task in others), "they wait for the first one"
    assert await bench.storage.tasks.hand_back(first.task_id, 1)
    ended = await asyncio.gather(*others)
    assert [task.status for task in ended] == [TaskStatus.SUCCEEDED] * 3
    assert copied() == before + 2, "the first one was handed back: one of the others rendered"


async def test_who_waited_for_a_failure_renders_by_itself(bench: Bench, executor: Executor, digest: str) -> None:
    failing = await bench.submit(DIE, digest=digest)
    following = await bench.submit(SEPIA, digest=digest)
    before = copied()
    _, ended = await asyncio.gather(execute(bench, executor, failing), execute(bench, executor, following))
    assert ended.status is TaskStatus.SUCCEEDED
    assert copied() == before


@pytest.mark.parametrize("wrong", ["another engine", "second attempt"])
async def test_it_is_rendered_if_the_copy_could_be_wrong(
    bench: Bench, executor: Executor, digest: str, wrong: str
) -> None:
    """Of another version of the engine; or after an attempt that may have failed because of the copy."""
    if wrong == "another engine":
        digest = f"{'0' * 8}{digest[8:]}"
    await execute(bench, executor, await bench.submit(SEPIA, digest=digest))
    second, before = await bench.submit(SEPIA, digest=digest), copied()
    if wrong == "second attempt":
        await bench.storage.tasks.claim(second.task_id, worker_id="w", lease_seconds=30)
        await bench.storage.tasks.hand_back(second.task_id, 1)
    assert (await execute(bench, executor, second)).status is TaskStatus.SUCCEEDED
    assert copied() == before


async def test_a_waiting_task_can_be_cancelled(bench: Bench, executor: Executor, digest: str) -> None:
    first = await bench.submit(HANG, digest=digest)
    await bench.storage.tasks.claim(first.task_id, worker_id="other", lease_seconds=30)
    second = await bench.submit(SEPIA, digest=digest)
    waiting = asyncio.create_task(execute(bench, executor, second))
    await bench.until(second, TaskStatus.RUNNING)
    await bench.storage.tasks.cancel(second.task_id, owner_id=bench.owner_id)
    assert (await waiting).status is TaskStatus.CANCELLED
