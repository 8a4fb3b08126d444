"""Attempts, retries and leases of a task, and when it is published again."""

import asyncio
from uuid import UUID

import pytest

from core.tasks import TaskStatus
from storage.sql.tasks.repository import TaskRepository
from tests.contract.tasks_in_states import LONG, MAX_ATTEMPTS, Owner


async def test_a_retry_waits_and_then_starts_clean(tasks: TaskRepository, owner: Owner) -> None:
    early, due = await owner.running(), await owner.running()
    for task, delay_seconds in ((early, LONG), (due, 0.05)):
        status = await tasks.retry(task.task_id, 1, delay_seconds=delay_seconds, code="timeout", detail="Too slow.")
        assert status is TaskStatus.QUEUED
    assert await tasks.claim(early.task_id, worker_id="w", lease_seconds=LONG) is None
    await asyncio.sleep(0.1)
    again = await tasks.claim(due.task_id, worker_id="w", lease_seconds=LONG)
    assert again
    assert (again.attempt, again.error_code) == (2, None)


async def _spend(tasks: TaskRepository, task_id: UUID, attempts: int) -> None:
    for _ in range(attempts):
        assert await tasks.claim(task_id, worker_id="w", lease_seconds=0, missed_heartbeat_seconds=0)


async def test_the_last_retry_fails(tasks: TaskRepository, owner: Owner) -> None:
    task = await owner.task()
    await _spend(tasks, task.task_id, MAX_ATTEMPTS)
    status = await tasks.retry(task.task_id, MAX_ATTEMPTS, delay_seconds=0, code="timeout", detail="Too slow.")
    assert status is TaskStatus.FAILED
    ended = await tasks.get(task.task_id, owner_id=owner.owner_id)
    assert ended
    assert (ended.status, ended.error_code, ended.finished_at is not None) == ("failed", "timeout", True)


async def test_a_task_whose_attempts_are_spent_is_never_claimed_and_fails(tasks: TaskRepository, owner: Owner) -> None:
    task = await owner.task()
    await _spend(tasks, task.task_id, MAX_ATTEMPTS)
    for missed_heartbeat_seconds in (None, 0):
        assert not await tasks.claim(
            task.task_id, worker_id="w", lease_seconds=LONG, missed_heartbeat_seconds=missed_heartbeat_seconds
        )
    [reclaimed] = await tasks.reclaim_expired()
    assert (reclaimed.status, reclaimed.error_code, reclaimed.attempt) == ("failed", "worker_lost", MAX_ATTEMPTS)


async def test_a_hand_back_is_no_spent_attempt_and_its_number_is_not_used_again(
    tasks: TaskRepository, owner: Owner
) -> None:
    task = await owner.task()
    for attempt in range(1, 6):
        claimed = await tasks.claim(task.task_id, worker_id="w", lease_seconds=LONG)
        assert claimed
        assert claimed.attempt == attempt
        assert await tasks.hand_back(task.task_id, attempt)
    await _spend(tasks, task.task_id, MAX_ATTEMPTS)
    [reclaimed] = await tasks.reclaim_expired()
    assert (reclaimed.status, reclaimed.attempt) == ("failed", 5 + MAX_ATTEMPTS)


async def test_a_lease_lives_as_long_as_it_is_renewed(tasks: TaskRepository, owner: Owner) -> None:
    task = await owner.running(lease_seconds=0.05)
    assert await tasks.renew_lease(task.task_id, 1, lease_seconds=LONG)
    await asyncio.sleep(0.1)
    assert await tasks.reclaim_expired() == []
    assert await tasks.renew_lease(task.task_id, 1, lease_seconds=0.05)
    await asyncio.sleep(0.1)
    assert [task.task_id for task in await tasks.reclaim_expired()] == [task.task_id]


async def test_what_was_published_is_published_again_when_stale(tasks: TaskRepository, owner: Owner) -> None:
    task = await owner.task()
    await tasks.mark_published(task.task_id)
    assert await tasks.hold_unpublished(stale_seconds=LONG) == []
    await asyncio.sleep(0.1)
    assert [task.task_id for task in await tasks.hold_unpublished(stale_seconds=0.05)] == [task.task_id]
    assert await tasks.hold_unpublished(stale_seconds=LONG) == []


async def test_a_new_task_is_left_to_its_submitter_for_a_while(tasks: TaskRepository, owner: Owner) -> None:
    new, retried = await owner.task(), await owner.running()
    await tasks.hand_back(retried.task_id, 1)
    held = await tasks.hold_unpublished(stale_seconds=LONG, grace_seconds=LONG)
    assert [task.task_id for task in held] == [retried.task_id]
    await asyncio.sleep(0.1)
    held = await tasks.hold_unpublished(stale_seconds=LONG, grace_seconds=0.05)
    assert [task.task_id for task in held] == [new.task_id]


@pytest.mark.parametrize("way", ["retry", "hand_back", "reclaim"])
async def test_what_is_queued_again_is_published_again(way: str, tasks: TaskRepository, owner: Owner) -> None:
    task = await owner.task()
    await tasks.mark_published(task.task_id)
    await tasks.claim(task.task_id, worker_id="w", lease_seconds=0)
    if way == "retry":
        await tasks.retry(task.task_id, 1, delay_seconds=0, code="timeout", detail="Too slow.")
    elif way == "hand_back":
        await tasks.hand_back(task.task_id, 1)
    else:
        await tasks.reclaim_expired()
    assert [task.task_id for task in await tasks.hold_unpublished(stale_seconds=LONG)] == [task.task_id]


async def test_unpublished_tasks_come_in_the_order_of_their_turn_and_no_more_than_asked(
    tasks: TaskRepository, owner: Owner
) -> None:
    made = [(await owner.task()).task_id for _ in range(5)]
    taken = [{task.task_id for task in await tasks.hold_unpublished(stale_seconds=LONG, limit=2)} for _ in range(3)]
    assert [len(batch) for batch in taken] == [2, 2, 1]
    assert set().union(*taken) == set(made)
