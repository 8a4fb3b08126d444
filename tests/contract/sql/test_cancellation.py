"""Whoever cancels a transaction sees it cancelled: a loop that saw an outage instead would go on, and never stop."""

import asyncio

from sqlalchemy import text

from storage.sql.database import Database, open_database

_TIMES = 20


async def test_a_transaction_that_is_cancelled_ends_as_cancelled(database_url: str) -> None:
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
