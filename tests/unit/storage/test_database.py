"""What only SQLite does: whoever comes while all its connections are in use waits for a turn."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

from storage.sql.database import open_database

CONNECTIONS = 5
LONG_SECONDS = 2.5  # longer than anybody waits for a connection to PostgreSQL, where the server may be frozen


async def test_a_busy_process_is_no_database_that_is_away(tmp_path: Path) -> None:
    async with open_database(f"sqlite+aiosqlite:///{tmp_path}/darkroom.db") as database:
        async with AsyncExitStack() as stack:
            for _ in range(CONNECTIONS):
                await stack.enter_async_context(database.reading())
            waiting = asyncio.create_task(database.check())
            await asyncio.sleep(LONG_SECONDS)
            assert not waiting.done()
        await waiting
