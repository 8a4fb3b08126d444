"""Transactions that are cancelled or given up end as such, and the database goes on."""

import asyncio
import time

import pytest
from sqlalchemy import literal_column, select, text

from core.errors import DependencyUnavailable
from storage.sql.database import Database, open_database
from storage.sql.engines.prepared import Prepared

_TIMES = 20


async def test_a_transaction_that_is_cancelled_ends_as_cancelled(database_url: str) -> None:
    """A loop that saw an outage instead would go on, and its process never stop."""
    async with open_database(database_url) as database:
        for _ in range(_TIMES):
            executing = asyncio.Event()
            transaction = asyncio.create_task(_execute_without_end(database, executing))
            await executing.wait()
            transaction.cancel()
            await asyncio.wait({transaction})
            assert transaction.cancelled()
        await database.check()


async def _execute_without_end(database: Database, executing: asyncio.Event) -> None:
    async with database.writing() as connection:
        while True:
            executing.set()
            await connection.execute(text("SELECT 1"))
            await asyncio.sleep(0)


async def test_a_connection_is_given_up_in_the_moment_of_an_answer(migrated_postgres: str) -> None:
    """After a frozen process goes on, both happen at once: the driver then begins a statement without a connection."""
    async with open_database(migrated_postgres, transaction_seconds=0.2) as database:
        await database.check()
        with pytest.raises(DependencyUnavailable):
            await _read_while_frozen(database, seconds=0.5)
        await database.check()


async def _read_while_frozen(database: Database, *, seconds: float) -> None:
    statement = Prepared(select(literal_column("1").label("one")), {})
    async with database.reading() as connection:
        fetching = asyncio.create_task(connection.fetch(statement))
        await asyncio.sleep(0)  # it is sent
        time.sleep(seconds)  # noqa: ASYNC251 - the process is frozen
        await fetching


async def test_a_call_that_was_never_made_had_no_effect(migrated_postgres: str) -> None:
    async with open_database("postgresql+asyncpg://nobody@127.0.0.1:1/none") as away:
        with pytest.raises(DependencyUnavailable) as raised:
            await away.check()
    assert raised.value.had_no_effect
    async with open_database(migrated_postgres) as database:
        with pytest.raises(DependencyUnavailable) as raised:
            await _lose_the_connection(database)
    assert not raised.value.had_no_effect


async def _lose_the_connection(database: Database) -> None:
    async with database.writing() as connection:
        await connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
