"""The log of what happened to tasks, on both databases: complete, in one order, and never added to behind a reader."""

import asyncio
from uuid import UUID

import pytest
from sqlalchemy import insert

from storage.sql.clock import now
from storage.sql.database import Database
from storage.sql.schema import task_events, tasks
from storage.sql.tasks.events import EventPosition, LoggedEvent, TaskEventRepository
from storage.sql.tasks.repository import TaskRepository
from tests.contract.tasks_in_states import LONG, Owner
from tests.harness.eventually import eventually

MANY = 100_000
START = EventPosition(0, 0)


@pytest.fixture
async def log(database: Database) -> TaskEventRepository:
    """Empty."""
    async with database.writing() as connection:
        await connection.execute(task_events.delete())
    return TaskEventRepository(database)


async def all_events(log: TaskEventRepository, *, count: int) -> list[LoggedEvent]:
    """Wait: transactions of other tests on the same server delay what can be read."""
    found: list[LoggedEvent] = []

    async def are_all_there() -> bool:
        found[:] = await log.after(START, limit=MANY)
        return len(found) >= count

    await eventually(are_all_there)
    assert len(found) == count
    return found


async def test_every_transition_is_logged(owner: Owner, log: TaskEventRepository) -> None:
    running = [("created", 0), ("running", 1)]
    expected = {
        "queued": [("created", 0)],
        "delayed": [*running, ("queued", 1)],
        "running": running,
        "lost": running,
        "succeeded": [*running, ("succeeded", 1)],
        "failed": [*running, ("failed", 1)],
        "cancelled": [*running, ("cancelled", 1)],
    }
    ids = {name: (await enter()).task_id for name, enter in owner.states().items()}
    events = await all_events(log, count=sum(map(len, expected.values())))
    assert {event.owner_id for event in events} == {owner.owner_id}
    for name, logged in expected.items():
        assert [(each.name, each.attempt) for each in events if each.task_id == ids[name]] == logged


async def test_what_changes_no_status_is_not_logged(
    owner: Owner, log: TaskEventRepository, tasks: TaskRepository
) -> None:
    task = await owner.running()
    await tasks.renew_lease(task.task_id, 1, lease_seconds=LONG)
    await tasks.claim(task.task_id, worker_id="second", lease_seconds=LONG)  # leased: nothing happens
    await tasks.delete(task.task_id, owner_id=owner.owner_id)
    events = await all_events(log, count=3)
    assert [event.name for event in events] == ["created", "running", "deleted"]


async def test_a_takeover_is_logged_by_its_attempt(
    owner: Owner, log: TaskEventRepository, tasks: TaskRepository
) -> None:
    task = await owner.lost()
    assert await tasks.claim(task.task_id, worker_id="second", lease_seconds=LONG)
    events = await all_events(log, count=3)
    assert [(event.name, event.attempt) for event in events][1:] == [("running", 1), ("running", 2)]


async def test_reading_goes_on_after_a_position(
    owner: Owner, log: TaskEventRepository, other_user_id: UUID, tasks: TaskRepository
) -> None:
    await owner.task()
    other = Owner(other_user_id, tasks)
    await other.task()
    await owner.task()
    events = await all_events(log, count=3)
    positions = [event.position for event in events]
    assert positions == sorted(positions)
    assert await log.newest() == positions[-1]
    assert await log.after(positions[0], limit=1) == [events[1]]
    assert await log.after(positions[-1], limit=MANY) == []
    assert await log.after(START, owner_id=other_user_id, limit=MANY) == [events[1]]


async def test_a_transaction_that_commits_late_is_not_skipped(
    owner: Owner, log: TaskEventRepository, database: Database, request: pytest.FixtureRequest
) -> None:
    """A reader that went by ids would pass the later one, and never see the one that committed after it."""
    if database_is_sqlite(request):
        pytest.skip("SQLite has one writer at a time.")
    late = await owner.task()
    await all_events(log, count=1)
    async with database.writing() as connection:
        await connection.execute(tasks.update().where(tasks.c.task_id == late.task_id).values(attempt=0))
        await connection.execute(tasks.delete().where(tasks.c.task_id == late.task_id))
        await owner.task()  # in a transaction that begins later and commits first
        seen = await log.after(START, limit=MANY)
        assert [event.name for event in seen] == ["created"]
        assert await log.newest() == seen[-1].position
    events = await all_events(log, count=3)
    assert [event.name for event in events] == ["created", "deleted", "created"]


async def test_positions_are_in_order_under_concurrent_writers(owner: Owner, log: TaskEventRepository) -> None:
    """A reader that always goes on from its last position gets each event once."""
    seen: list[LoggedEvent] = []

    async def read() -> bool:
        seen.extend(await log.after(seen[-1].position if seen else START, limit=7))
        return len(seen) >= 3 * 40

    writing = asyncio.gather(*(owner.succeeded() for _ in range(40)))
    await eventually(read)
    await writing
    assert seen == await all_events(log, count=3 * 40)


async def test_old_events_are_purged_from_the_oldest_on(
    owner: Owner, log: TaskEventRepository, database: Database
) -> None:
    old = {"transaction_id": 0, "owner_id": owner.owner_id, "task_id": owner.owner_id, "name": "created", "attempt": 0}
    async with database.writing() as connection:
        for _ in range(3):
            await connection.execute(insert(task_events).values(**old, at=now(plus_seconds=-LONG)))
    await owner.task()
    assert [await log.purge(retention_seconds=60, limit=2) for _ in range(3)] == [2, 1, 0]
    assert [event.name for event in await all_events(log, count=1)] == ["created"]


def database_is_sqlite(request: pytest.FixtureRequest) -> bool:
    url: str = request.getfixturevalue("database_url")
    return url.startswith("sqlite")
