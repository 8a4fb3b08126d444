"""The sweeper repairs what crashes leave behind, and a failure of one repair does not stop the others."""

import asyncio
from dataclasses import replace
from uuid import uuid4

import pytest
from prometheus_client import REGISTRY

import broker as brokers
from core.keys import output_key, source_key, with_proxies
from core.tasks import TaskStatus
from tests.unit.worker.bench import SEPIA, Bench, hostile_renderer
from worker.deliveries import DeliveryCollection
from worker.sweeper import Sweeper


@pytest.fixture
def sweeper(bench: Bench) -> Sweeper:
    return Sweeper(
        storage=bench.storage,
        broker=bench.broker,
        interval_seconds=0.1,
        republish_seconds=60,
        grace_seconds=0,
        orphan_seconds=3600,
        orphan_trash_seconds=0.01,
        retention_seconds=3600,
        deliveries=DeliveryCollection(storage=bench.storage, max_bytes=2**30, unused_seconds=3600),
    )


def failures() -> float:
    return REGISTRY.get_sample_value("darkroom_sweep_failures_total", {"repair": "published"}) or 0


async def published(bench: Bench) -> int:
    count = 0
    async with bench.broker.subscribe(prefetch=100) as subscription:
        try:
            while True:
                await (await asyncio.wait_for(anext(subscription), 0.1)).ack()
                count += 1
        except TimeoutError:
            return count


async def test_what_was_never_published_is_published_once(bench: Bench, sweeper: Sweeper) -> None:
    for _ in range(3):
        await bench.submit(SEPIA)
    await sweeper.sweep()
    await sweeper.sweep()
    assert await published(bench) == 3


async def test_more_than_one_batch_is_published(bench: Bench, sweeper: Sweeper) -> None:
    for _ in range(105):
        await bench.submit(SEPIA, source=b"")
    await sweeper.sweep()
    assert await published(bench) == 105


async def test_a_lost_lease_is_taken_back_and_published_again(bench: Bench, sweeper: Sweeper) -> None:
    task = await bench.submit(SEPIA)
    await bench.storage.tasks.claim(task.task_id, worker_id="dead", lease_seconds=0.05)
    await asyncio.sleep(0.1)
    await sweeper.sweep()
    assert (await bench.now(task)).status is TaskStatus.QUEUED
    assert await published(bench) == 1


async def test_a_task_whose_attempts_are_spent_fails(bench: Bench, sweeper: Sweeper) -> None:
    task = await bench.submit(SEPIA)
    for _ in range(3):
        await bench.storage.tasks.claim(task.task_id, worker_id="dead", lease_seconds=0.05, missed_heartbeat_seconds=0)
    await asyncio.sleep(0.1)
    await sweeper.sweep()
    failed = await bench.now(task)
    assert (failed.status, failed.error_code) == (TaskStatus.FAILED, "worker_lost")


async def test_retention_takes_rows_and_objects(bench: Bench, sweeper: Sweeper) -> None:
    task = await bench.submit(SEPIA)
    async with hostile_renderer() as renderer:
        await bench.executor(renderer).execute(task.task_id, redelivered=False)
    assert len(await bench.output_keys(task)) == 1
    (proxy,) = set(with_proxies([task.source_key])) - {task.source_key}
    await bench.storage.objects.put(proxy, b"data", media_type="image/png", file_name="x")
    await sweeper.sweep()
    assert await bench.storage.tasks.exists(task.task_id)
    await asyncio.sleep(0.05)
    await replace(sweeper, retention_seconds=0.01).sweep()
    assert not await bench.storage.tasks.exists(task.task_id)
    assert await bench.output_keys(task) == []
    assert [found.key async for found in bench.storage.objects.list(task.source_key)] == []


async def test_objects_without_a_row_are_collected_once_they_are_old(bench: Bench, sweeper: Sweeper) -> None:
    objects = bench.storage.objects
    task = await bench.submit(SEPIA)
    orphans = [source_key(uuid4()), output_key(uuid4(), 1, "png")]
    for key in [*orphans, "sources/not-ours"]:
        await objects.put(key, b"data", media_type="image/png", file_name="x")
    await sweeper.collect()
    assert {found.key async for found in objects.list("")} >= {task.source_key, *orphans}
    await asyncio.sleep(1.1)  # S3 counts in whole seconds
    await bench.submit(SEPIA)  # no object that is newer than the newest row is judged
    await collect_twice(sweeper)
    left = {found.key async for found in objects.list("")}
    assert left.isdisjoint(orphans)
    assert left >= {task.source_key, "sources/not-ours"}


async def collect_twice(sweeper: Sweeper) -> None:
    """The first collection marks orphans, the second finds them due."""
    sweeper = replace(sweeper, orphan_seconds=0.01)
    for _ in range(2):
        await sweeper.collect()
        await asyncio.sleep(0.05)


async def test_without_the_broker_nothing_is_taken_and_the_rest_goes_on(bench: Bench, sweeper: Sweeper) -> None:
    task = await bench.submit(SEPIA)
    held = await bench.submit(SEPIA)
    await bench.storage.tasks.claim(held.task_id, worker_id="dead", lease_seconds=0.01)
    await asyncio.sleep(0.05)
    before = failures()
    async with brokers.connect("amqp://guest:guest@127.0.0.1:9/", queue="unused") as away:
        await replace(sweeper, broker=away).sweep()
    assert failures() == before + 1
    assert (await bench.now(held)).status is TaskStatus.QUEUED
    assert {each.task_id for each in await bench.storage.tasks.hold_unpublished(stale_seconds=60)} == {
        task.task_id,
        held.task_id,
    }


async def test_what_an_attempt_left_goes_when_its_task_moved_on_and_never_before(
    bench: Bench, sweeper: Sweeper
) -> None:
    """An upload by a worker that died, whose task was cancelled then, and one by an attempt that still runs."""
    cancelled, runs = await bench.submit(SEPIA), await bench.submit(SEPIA)
    for task in (cancelled, runs):
        await bench.storage.tasks.claim(task.task_id, worker_id="w", lease_seconds=3600)
    lost, live = output_key(cancelled.task_id, 1, "png"), output_key(runs.task_id, 1, "png")
    earlier = output_key(runs.task_id, 0, "png")
    for key in (lost, live, earlier):
        await bench.storage.objects.put(key, b"data", media_type="image/png", file_name="x")
    await bench.storage.tasks.cancel(cancelled.task_id, owner_id=bench.owner_id)
    await asyncio.sleep(1.1)  # S3 counts in whole seconds
    await collect_twice(sweeper)
    assert {found.key async for found in bench.storage.objects.list("outputs/")} == {live}


async def test_messages_that_the_broker_lost_are_published_again_soon(bench: Bench, sweeper: Sweeper) -> None:
    """An empty queue beside tasks that wait: nobody waits for the 60 s of a long queue."""
    task = await bench.submit(SEPIA)
    await bench.storage.tasks.mark_published(task.task_id)
    await sweeper.sweep()
    assert await published(bench) == 0
    await asyncio.sleep(5.1)
    await sweeper.sweep()
    assert await published(bench) == 1


async def test_a_queue_that_is_only_long_is_left_alone(bench: Bench, sweeper: Sweeper) -> None:
    await bench.submit(SEPIA, publish=True)
    await asyncio.sleep(5.1)
    await sweeper.sweep()
    assert await published(bench) == 1


async def test_what_was_taken_and_never_published_is_taken_again_soon(bench: Bench) -> None:
    """As by a sweep that was killed in mid-batch."""
    task = await bench.submit(SEPIA)
    await bench.publish(await bench.submit(SEPIA))  # the queue is not empty
    assert await bench.storage.tasks.hold_unpublished(stale_seconds=60)
    assert not await bench.storage.tasks.hold_unpublished(stale_seconds=60)
    await asyncio.sleep(5.1)
    assert [each.task_id for each in await bench.storage.tasks.hold_unpublished(stale_seconds=60)] == [task.task_id]
