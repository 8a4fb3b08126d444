"""Connections are shared between callers, and the service has some of its own."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import text

from core.errors import DatabaseOverloaded, DependencyUnavailable
from core.sharing.callers import SERVICE, work_for
from storage.sql.database import Database, open_database
from storage.sql.tasks.repository import TaskRepository
from tests.contract.tasks_in_states import Owner

_MORE_THAN_ALL = 30
_POOL_SECONDS = 5.0  # how soon the greedy one is rejected; nobody else waits


@asynccontextmanager
async def kept_busy(database: Database, *callers: str) -> AsyncIterator[list[asyncio.Task[None]]]:
    """By each caller in many tasks, of which some get a connection and do not give it back."""
    go_on, busy = asyncio.Event(), {caller: asyncio.Event() for caller in callers}

    async def keep(caller: str) -> None:
        work_for(caller)
        async with database.reading():
            busy[caller].set()
            await go_on.wait()

    tasks = [asyncio.create_task(keep(caller)) for caller in callers for _ in range(_MORE_THAN_ALL)]
    await asyncio.gather(*(each.wait() for each in busy.values()))
    yield tasks
    go_on.set()
    await asyncio.gather(*tasks, return_exceptions=True)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with open_database(database_url, pool_seconds=_POOL_SECONDS) as opened:
        if database_url.startswith("postgresql"):
            async with opened.writing() as connection:
                await connection.execute(text("TRUNCATE users CASCADE"))
        yield opened


async def _as(caller: str, database: Database) -> None:
    work_for(caller)
    await database.check()


async def test_one_caller_leaves_connections_to_others(database: Database) -> None:
    """Holds promise 30: whatever one caller has in progress, another one's transaction begins."""
    async with kept_busy(database, "greedy"):
        await asyncio.create_task(_as("modest", database))
        with pytest.raises(DatabaseOverloaded) as caught:
            await asyncio.create_task(_as("greedy", database))
        assert isinstance(caught.value, DependencyUnavailable), "whoever tries again after an outage does so here"


async def test_leases_are_renewed_whatever_requests_do(database: Database, tasks: TaskRepository, owner: Owner) -> None:
    """Holds promise 30: two callers keep all that requests may have; work that is nobody's request goes on."""
    task = await owner.running()
    async with kept_busy(database, "a", "b"):
        assert await tasks.renew_lease(task.task_id, task.attempt, lease_seconds=60)
        await database.check()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_service_writes_before_requests(database: Database) -> None:
    """SQLite has one writer at a time: the service is the next one, before all who waited longer."""
    order, first_writes, go_on = [], asyncio.Event(), asyncio.Event()

    async def write(caller: str) -> None:
        work_for(caller)
        async with database.writing():
            order.append(caller)
            first_writes.set()
            await go_on.wait()

    writing = [asyncio.create_task(write(f"caller {number}")) for number in range(3)]
    await first_writes.wait()
    writing.append(asyncio.create_task(write(SERVICE)))
    await asyncio.sleep(0)
    go_on.set()
    await asyncio.gather(*writing)
    assert order == ["caller 0", SERVICE, "caller 1", "caller 2"]
