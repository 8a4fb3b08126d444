"""One attempt, whatever happens to it: exactly one end is written down, and nobody ever sees half a result."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from io import BytesIO

import pytest
from PIL import Image

from core.keys import source_key
from core.tasks import Task, TaskStatus
from rendering import Renderer
from tests.unit.worker.bench import DIE, HANG, SEPIA, Bench, hostile_renderer
from worker.executor import Executor
from worker.outputs.produce import produce
from worker.outputs.results import Result


@pytest.fixture
async def renderer() -> AsyncIterator[Renderer]:
    async with hostile_renderer() as renderer:
        yield renderer


@pytest.fixture
def executor(bench: Bench, renderer: Renderer) -> Executor:
    return bench.executor(renderer)


async def _produce(executor: Executor, claimed: Task) -> Result:
    """Stop between upload and commit."""
    return await produce(
        claimed, storage=executor.storage, renderer=executor.renderer, max_source_bytes=executor.max_source_bytes
    )


async def test_a_task_succeeds_with_an_output_that_is_there(bench: Bench, executor: Executor) -> None:
    task = await bench.submit(SEPIA)
    assert await executor.execute(task.task_id, redelivered=False)
    done = await bench.now(task)
    assert (done.status, done.attempt) == (TaskStatus.SUCCEEDED, 1)
    assert done.output
    assert done.output.key == f"outputs/{task.task_id}/1.png"
    data = await bench.storage.objects.get(done.output.key, max_bytes=2**20)
    assert (len(data), hashlib.sha256(data).hexdigest()) == (done.output.bytes, done.output.sha256)
    assert done.output.url.startswith(bench.settings.s3_endpoint_url)


async def test_what_ended_or_is_held_is_not_claimed(bench: Bench, executor: Executor) -> None:
    task = await bench.submit(SEPIA)
    held = await bench.submit(SEPIA)
    await bench.storage.tasks.claim(held.task_id, worker_id="other", lease_seconds=30)
    assert await executor.execute(task.task_id, redelivered=False)
    assert not await executor.execute(task.task_id, redelivered=True)
    assert not await executor.execute(held.task_id, redelivered=False)


async def test_that_a_render_which_takes_too_long_is_tried_twice(bench: Bench) -> None:
    async with hostile_renderer(timeout_seconds=0.2) as renderer:
        executor, task = bench.executor(renderer), await bench.submit(HANG)
        for status in (TaskStatus.QUEUED, TaskStatus.FAILED):
            await asyncio.sleep(0.05)  # longer than the delay before a retry, which is at most 10 ms
            assert await executor.execute(task.task_id, redelivered=False)
            assert (await bench.now(task)).status is status
        failed = await bench.now(task)
        assert (failed.attempt, failed.error_code) == (2, "timeout")


@pytest.mark.parametrize(
    ("source", "steps", "code"),
    [
        (b"no image", [SEPIA], "invalid_image"),
        (b"", [SEPIA], "source_missing"),
        (None, [{"filter": "vanished"}], "invalid_pipeline"),
    ],
)
async def test_a_permanent_error_fails_the_task_at_once(
    bench: Bench, executor: Executor, source: bytes | None, steps: list[dict[str, str]], code: str
) -> None:
    task = await bench.submit(*steps, source=source)
    await executor.execute(task.task_id, redelivered=False)
    failed = await bench.now(task)
    assert (failed.status, failed.attempt, failed.error_code) == (TaskStatus.FAILED, 1, code)
    assert failed.error_detail


async def test_poison_stops_after_three_claims_with_a_reason(bench: Bench, executor: Executor) -> None:
    task = await bench.submit(DIE)
    claims = 0
    while (await bench.now(task)).status is TaskStatus.QUEUED:
        claims += await executor.execute(task.task_id, redelivered=False)
        await asyncio.sleep(0.02)
    failed = await bench.now(task)
    assert (claims, failed.status, failed.error_code) == (3, TaskStatus.FAILED, "worker_lost")


async def test_an_attempt_that_lost_its_fence_leaves_nothing(bench: Bench, executor: Executor) -> None:
    """Given a slow first attempt, when another worker takes the task over and ends it, the first changes nothing."""
    task = await bench.submit(HANG)
    slow = asyncio.create_task(
        bench.executor(executor.renderer, lease_seconds=5).execute(task.task_id, redelivered=False)
    )
    await bench.until(task, TaskStatus.RUNNING)
    second = await bench.storage.tasks.claim(
        task.task_id, worker_id="other", lease_seconds=30, missed_heartbeat_seconds=0
    )
    assert second
    assert await slow
    now = await bench.now(task)
    assert (now.status, now.attempt) == (TaskStatus.RUNNING, 2)
    assert await bench.output_keys(task) == []


async def test_an_output_uploaded_too_late_is_deleted(bench: Bench, executor: Executor) -> None:
    """The fence falls between upload and commit: storage says no, and the object goes."""
    task = await bench.submit(SEPIA)
    claimed = await bench.storage.tasks.claim(task.task_id, worker_id="frozen", lease_seconds=30)
    assert claimed
    result = await _produce(executor, claimed)
    await bench.storage.tasks.claim(task.task_id, worker_id="other", lease_seconds=30, missed_heartbeat_seconds=0)
    assert await executor._commit(claimed, result) == "lost"  # noqa: SLF001 - what happens after the upload
    assert await bench.output_keys(task) == []


async def test_a_commit_whose_answer_was_lost_keeps_its_output(bench: Bench, executor: Executor) -> None:
    task = await bench.submit(SEPIA)
    claimed = await bench.storage.tasks.claim(task.task_id, worker_id="test", lease_seconds=30)
    assert claimed
    result = await _produce(executor, claimed)
    assert await bench.storage.tasks.succeed(task.task_id, 1, output=result.output)
    assert await executor._commit(claimed, result) == "succeeded"  # noqa: SLF001 - what happens after the upload
    assert await bench.output_keys(task) == [result.output.key]


async def test_a_cancelled_task_stops_its_render(bench: Bench, renderer: Renderer) -> None:
    task = await bench.submit(HANG)
    running = asyncio.create_task(bench.executor(renderer, lease_seconds=3).execute(task.task_id, redelivered=False))
    await bench.until(task, TaskStatus.RUNNING)
    await bench.storage.tasks.cancel(task.task_id, owner_id=bench.owner_id)
    assert await running
    assert (await bench.now(task)).status is TaskStatus.CANCELLED
    after = await bench.submit(SEPIA)
    await bench.executor(renderer).execute(after.task_id, redelivered=False)
    assert (await bench.now(after)).status is TaskStatus.SUCCEEDED


async def test_a_lease_is_kept_alive_for_longer_than_it_is(bench: Bench, renderer: Renderer) -> None:
    task = await bench.submit(HANG)
    running = asyncio.create_task(bench.executor(renderer, lease_seconds=3).execute(task.task_id, redelivered=False))
    await bench.until(task, TaskStatus.RUNNING)
    for _ in range(36):
        await asyncio.sleep(0.1)
        assert await bench.storage.tasks.reclaim_expired() == []
    running.cancel()
    await asyncio.wait({running})


async def test_an_execution_that_is_stopped_hands_the_task_back_uncounted(bench: Bench, executor: Executor) -> None:
    task = await bench.submit(HANG)
    for attempt in range(1, 6):
        running = asyncio.create_task(executor.execute(task.task_id, redelivered=False))
        await bench.until(task, TaskStatus.RUNNING)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        back = await bench.now(task)
        assert (back.status, back.attempt) == (TaskStatus.QUEUED, attempt)


async def test_a_claim_that_is_stopped_hands_the_task_back_uncounted(bench: Bench, executor: Executor) -> None:
    """Stopped while the claim is committed: nobody else knows that this process has the task."""
    task = await bench.submit(HANG)
    for steps in range(1, 12):
        running = asyncio.create_task(executor.execute(task.task_id, redelivered=False))
        for _ in range(steps):
            await asyncio.sleep(0)
        running.cancel()
        await asyncio.wait({running})
        assert (await bench.now(task)).status is TaskStatus.QUEUED


async def test_the_output_of_an_attempt_that_died_before_its_commit_is_deleted_by_the_next(
    bench: Bench, executor: Executor
) -> None:
    task = await bench.submit(SEPIA)
    claimed = await bench.storage.tasks.claim(task.task_id, worker_id="died", lease_seconds=30)
    assert claimed
    await _produce(executor, claimed)
    await executor.execute(task.task_id, redelivered=True)
    done = await bench.now(task)
    assert done.output
    assert await bench.output_keys(task) == [done.output.key] == [f"outputs/{task.task_id}/2.png"]


async def test_auxiliary_images_are_applied(bench: Bench, executor: Executor) -> None:
    red, blue = [await bench.upload(a_square(color)) for color in ("red", "blue")]
    stamps = [
        {"filter": "watermark", "image_id": str(image_id), "scale": None, "margin": 0, "position": position}
        for image_id, position in ((blue, "northwest"), (red, "southeast"), (blue, "northeast"))
    ]
    task = await bench.submit(*stamps)
    await executor.execute(task.task_id, redelivered=False)
    output = (await bench.now(task)).output
    assert output
    data = await bench.storage.objects.get(output.key, max_bytes=2**20)
    with Image.open(BytesIO(data)) as image:
        colors = image.convert("RGB")
    seen = [colors.getpixel(place) for place in ((0, 0), (39, 29), (39, 0))]
    assert seen == [(0, 0, 255), (255, 0, 0), (0, 0, 255)]


async def test_a_deleted_auxiliary_image_fails_the_task(bench: Bench, executor: Executor) -> None:
    image_id = await bench.upload(a_square("red"))
    task = await bench.submit({"filter": "overlay", "image_id": str(image_id)})
    await bench.storage.objects.delete([source_key(image_id)])
    await executor.execute(task.task_id, redelivered=False)
    done = await bench.now(task)
    assert (done.status, done.error_code) == (TaskStatus.FAILED, "source_missing")


async def test_an_analysis_is_on_the_task_and_in_its_object(bench: Bench, executor: Executor) -> None:
    task = await bench.submit(SEPIA, analyse=["average_color"])
    await executor.execute(task.task_id, redelivered=False)
    done = await bench.now(task)
    assert done.analysis
    assert list(done.analysis) == ["average_color"]
    assert done.output
    assert (done.output.format, done.output.key) == ("json", f"outputs/{task.task_id}/1.json")
    assert json.loads(await bench.storage.objects.get(done.output.key, max_bytes=2**20)) == done.analysis


def a_square(color: str) -> bytes:
    file = BytesIO()
    Image.new("RGB", (8, 8), color).save(file, "PNG")
    return file.getvalue()
