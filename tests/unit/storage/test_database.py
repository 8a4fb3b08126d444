"""What only SQLite does: turns for its connections, the lock of another process, and threads for what takes long."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, closing
from pathlib import Path

import pytest
from sqlalchemy import text

from core.errors import DependencyUnavailable
from storage.sql.database import Database, open_database

CONNECTIONS = 5
LONG_SECONDS = 2.5  # longer than anybody waits for a connection to PostgreSQL, where the server may be frozen
_COUNT = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000) SELECT count(*) FROM n"


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with open_database(f"sqlite:///{tmp_path}/darkroom.db") as opened:
        async with opened.writing() as connection:
            await connection.execute(text("CREATE TABLE numbers (number INTEGER)"))
        yield opened


async def _insert(database: Database) -> None:
    async with database.writing() as connection:
        await connection.execute(text("INSERT INTO numbers VALUES (1)"))


async def _count(database: Database) -> int:
    async with database.reading() as connection:
        return len((await connection.execute(text("SELECT number FROM numbers"))).all())


async def test_a_busy_process_is_no_database_that_is_away(database: Database) -> None:
    async with AsyncExitStack() as stack:
        for _ in range(CONNECTIONS):
            await stack.enter_async_context(database.reading())
        waiting = asyncio.create_task(database.check())
        await asyncio.sleep(LONG_SECONDS)
        assert not waiting.done()
    await waiting


async def test_a_writer_waits_for_another_process_and_readers_go_on(database: Database, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "darkroom.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        writing = asyncio.create_task(_insert(database))
        await asyncio.sleep(0)
        assert await _count(database) == 0
        assert not writing.done()
        other.execute("ROLLBACK")
        await writing
    assert await _count(database) == 1


async def test_a_lock_that_is_never_released_is_an_outage(database: Database, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "darkroom.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DependencyUnavailable):
            await _insert(database)


async def test_a_cancelled_transaction_leaves_nothing_behind(database: Database) -> None:
    inserted = asyncio.Event()

    async def hang() -> None:
        async with database.writing() as connection:
            await connection.execute(text("INSERT INTO numbers VALUES (1)"))
            inserted.set()
            await asyncio.sleep(LONG_SECONDS)

    hanging = asyncio.create_task(hang())
    await inserted.wait()
    hanging.cancel()
    await _insert(database)
    assert await _count(database) == 1


async def test_a_commit_that_is_cancelled_ends_first(database: Database) -> None:
    """Else the connection would go to the next caller while a thread still commits on it."""
    for number in range(1, 21):
        writing = asyncio.create_task(_insert(database))
        while not writing.done():
            await asyncio.sleep(0)
            writing.cancel()
        await _insert(database)
        assert number <= await _count(database) <= 2 * number


@pytest.mark.parametrize("slow", [True, False])
async def test_only_slow_statements_leave_the_loop_to_others(database: Database, *, slow: bool) -> None:
    turns = 0

    async def count_turns() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    async with database.reading(slow=slow) as connection:
        others = asyncio.create_task(count_turns())
        await connection.execute(text(_COUNT))
        others.cancel()
    assert bool(turns) == slow
