"""A worker that lives and does nothing says so: to whoever can end it."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.unit.worker.bench import HANG, SEPIA, Bench, hostile_renderer
from worker.consumer import Consumer, concurrent_attempts
from worker.supervision import supervised
from worker.watchdog import watch


async def _ends(error: Exception | None) -> None:
    await asyncio.sleep(0)
    if error:
        raise error


@pytest.mark.parametrize("error", [None, RuntimeError("a bug")])
async def test_a_part_that_ends_early_is_given_up(error: Exception | None) -> None:
    given_up = asyncio.Event()
    async with supervised(_ends(error), part="test", give_up=given_up.set):
        await given_up.wait()


async def test_leaving_is_no_end_before_time() -> None:
    async with supervised(asyncio.sleep(3600), part="test", give_up=pytest.fail):
        await asyncio.sleep(0)


@pytest.fixture
async def consumer(bench: Bench) -> AsyncIterator[Consumer]:
    async with hostile_renderer() as renderer:
        yield Consumer(bench.executor(renderer), bench.storage.tasks, slots=1)


async def _noticed(bench: Bench, consumer: Consumer, *, within_seconds: float = 2) -> bool:
    watching = asyncio.create_task(watch(consumer, bench.broker, bench.storage.tasks, stall_seconds=0.3))
    done, _ = await asyncio.wait({watching}, timeout=within_seconds)
    watching.cancel()
    return bool(done)


async def test_tasks_that_wait_while_no_delivery_comes_are_noticed(bench: Bench, consumer: Consumer) -> None:
    await bench.submit(SEPIA, publish=True)
    assert await _noticed(bench, consumer, within_seconds=300)


async def test_an_empty_queue_is_no_reason(bench: Bench, consumer: Consumer) -> None:
    assert not await _noticed(bench, consumer)


async def test_a_worker_whose_places_are_all_taken_is_busy(bench: Bench, consumer: Consumer) -> None:
    for _ in range(concurrent_attempts(1)):
        await bench.submit(HANG, publish=True)
    await bench.submit(SEPIA, publish=True)
    async with bench.broker.subscribe(prefetch=concurrent_attempts(1)) as subscription:
        async with supervised(consumer.consume(subscription), part="test", give_up=pytest.fail):
            assert not await _noticed(bench, consumer)
        await consumer.drain(0)
