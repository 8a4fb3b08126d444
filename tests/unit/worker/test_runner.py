"""A whole worker: deliveries in, ends out; drained, killed tasks taken up, garbage put aside."""

import asyncio
from uuid import uuid4

import pytest

from broker.in_process import Letter
from core.messages import TaskQueued
from core.tasks import TaskStatus
from tests.harness.forkservers import forkservers
from tests.unit.worker.bench import HANG, SEPIA, Bench, hostile_renderer
from worker.consumer import Consumer, consuming
from worker.runner import running


async def test_every_task_ends_and_every_message_is_acked(bench: Bench) -> None:
    async with running(bench.settings, storage=bench.storage, broker=bench.broker, give_up=pytest.fail):
        tasks = [await bench.submit(SEPIA, publish=True) for _ in range(20)]
        for task in tasks:
            assert (await bench.until(task, TaskStatus.SUCCEEDED)).attempt == 1
    async with bench.broker.subscribe(prefetch=1) as subscription:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(anext(subscription), 0.2)
    assert forkservers() == []


async def test_a_message_delivered_five_times_has_one_effect(bench: Bench) -> None:
    async with running(bench.settings, storage=bench.storage, broker=bench.broker, give_up=pytest.fail):
        tasks = [await bench.submit(SEPIA) for _ in range(5)]
        for task in tasks * 5:
            await bench.publish(task)
        ended = [await bench.until(task, TaskStatus.SUCCEEDED) for task in tasks]
        await asyncio.sleep(0.5)
        assert [await bench.now(task) for task in tasks] == ended
    assert [len(await bench.output_keys(task)) for task in tasks] == [1] * 5


async def test_garbage_and_unknown_tasks_are_dead_letters(bench: Bench) -> None:
    unknown = TaskQueued(task_id=uuid4(), source_key="sources/unknown")
    async with running(bench.settings, storage=bench.storage, broker=bench.broker, give_up=pytest.fail):
        await bench.broker.publish(unknown)
        await bench.broker.put(Letter(b"garbage"))
        task = await bench.submit(SEPIA, publish=True)
        await bench.until(task, TaskStatus.SUCCEEDED)
        await asyncio.sleep(0.2)
    assert sorted(bench.broker.dead_letters) == sorted([unknown.encode(), b"garbage"])


async def test_a_restart_goes_on_with_what_ran_and_what_was_queued(bench: Bench) -> None:
    ran, queued = await bench.submit(SEPIA), await bench.submit(SEPIA)
    await bench.storage.tasks.claim(ran.task_id, worker_id="killed", lease_seconds=3600)
    await bench.storage.tasks.mark_published(queued.task_id)
    async with running(bench.settings, storage=bench.storage, broker=bench.broker, give_up=pytest.fail):
        assert (await bench.until(ran, TaskStatus.SUCCEEDED)).attempt == 2
        assert (await bench.until(queued, TaskStatus.SUCCEEDED)).attempt == 1


async def test_a_task_that_was_never_published_is_found(bench: Bench) -> None:
    async with running(bench.settings, storage=bench.storage, broker=bench.broker, give_up=pytest.fail):
        await asyncio.sleep(0.3)
        task = await bench.submit(SEPIA)
        await bench.until(task, TaskStatus.SUCCEEDED)


async def test_a_drain_lets_running_tasks_finish_and_takes_nothing_new(bench: Bench) -> None:
    first, second = await bench.submit(SEPIA), await bench.submit(SEPIA)
    async with hostile_renderer() as renderer:
        consumer = Consumer(bench.executor(renderer), bench.storage.tasks, slots=1)
        async with consuming(bench.broker, consumer, slots=1, drain_seconds=20, give_up=pytest.fail):
            await bench.publish(first)
            await bench.until(first, TaskStatus.RUNNING, TaskStatus.SUCCEEDED)
        await bench.publish(second)
        assert (await bench.now(first)).status is TaskStatus.SUCCEEDED
        assert (await bench.now(second)).status is TaskStatus.QUEUED


async def test_a_drain_hands_back_what_does_not_finish_in_time(bench: Bench) -> None:
    task = await bench.submit(HANG)
    async with hostile_renderer() as renderer:
        consumer = Consumer(bench.executor(renderer), bench.storage.tasks, slots=1)
        async with consuming(bench.broker, consumer, slots=1, drain_seconds=0.2, give_up=pytest.fail):
            await bench.publish(task)
            await bench.until(task, TaskStatus.RUNNING)
    assert (await bench.now(task)).status is TaskStatus.QUEUED
    async with bench.broker.subscribe(prefetch=1) as subscription:
        delivery = await anext(subscription)
        assert (delivery.message.task_id, delivery.redelivered) == (task.task_id, True)


async def test_a_redelivered_message_does_not_take_a_task_from_this_very_worker(bench: Bench) -> None:
    """A broken connection brings the message again while its task still runs here."""
    task = await bench.submit({"filter": "hostile", "act": "nap", "argument": "0.5"})
    await bench.publish(task)
    await bench.publish(task)
    async with bench.broker.subscribe(prefetch=2) as subscription:
        for _ in range(2):
            await anext(subscription)
    async with hostile_renderer(slots=2) as renderer:
        consumer = Consumer(bench.executor(renderer), bench.storage.tasks, slots=2)
        async with consuming(bench.broker, consumer, slots=2, drain_seconds=20, give_up=pytest.fail):
            assert (await bench.until(task, TaskStatus.SUCCEEDED)).attempt == 1


async def test_two_tasks_are_under_way_for_each_slot_and_both_keep_their_leases(bench: Bench) -> None:
    """Given one slot that hangs, a second task waits for it with a lease that nobody may take; a third is untouched."""
    tasks = [await bench.submit(HANG) for _ in range(3)]
    async with hostile_renderer() as renderer:
        consumer = Consumer(bench.executor(renderer, lease_seconds=3), bench.storage.tasks, slots=1)
        async with consuming(bench.broker, consumer, slots=1, drain_seconds=0.2, give_up=pytest.fail):
            for task in tasks:
                await bench.publish(task)
            for task in tasks[:2]:
                await bench.until(task, TaskStatus.RUNNING)
            for _ in range(36):
                await asyncio.sleep(0.1)
                assert await bench.storage.tasks.reclaim_expired() == []
            assert [(await bench.now(task)).attempt for task in tasks] == [1, 1, 0]
    assert {(await bench.now(task)).status for task in tasks} == {TaskStatus.QUEUED}
