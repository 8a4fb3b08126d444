"""PostgreSQL by asyncpg. Server and driver give up a transaction that takes too long."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import Connection as BlockingConnection
from sqlalchemy import event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

CONNECTIONS = 20
_KEPT_OPEN = CONNECTIONS // 2
_CONNECT_SECONDS = 2.0


class PostgresEngine:
    """`transaction_seconds`: the longest that a transaction may take; None: as long as it takes."""

    def __init__(self, url: str, *, transaction_seconds: float | None) -> None:
        self._transaction_seconds = transaction_seconds
        self._engine = create_async_engine(
            url,
            pool_size=_KEPT_OPEN,
            max_overflow=CONNECTIONS - _KEPT_OPEN,
            connect_args=_asyncpg_options(transaction_seconds),
        )
        self._reader = self._engine.execution_options(isolation_level="AUTOCOMMIT")  # two round trips less
        event.listen(self._engine.sync_engine, "checkout", _replace_closed)

    @asynccontextmanager
    async def writing(self, *, slow: bool) -> AsyncIterator[AsyncConnection]:
        del slow
        async with self._connected(self._engine) as connection, connection.begin():
            yield connection

    @asynccontextmanager
    async def reading(self, *, slow: bool) -> AsyncIterator[AsyncConnection]:
        del slow
        async with self._connected(self._reader) as connection:
            yield connection

    async def run(self, work: Callable[[BlockingConnection], object]) -> None:
        async with self._engine.connect() as connection:
            await connection.run_sync(work)

    async def dispose(self) -> None:
        await self._engine.dispose()

    @asynccontextmanager
    async def _connected(self, engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
        """Close the connection after too long: a frozen server would not answer a cancellation."""
        async with engine.connect() as connection:
            driver: Any = (await connection.get_raw_connection()).driver_connection
            seconds = self._transaction_seconds
            timer = asyncio.get_running_loop().call_later(seconds, driver.terminate) if seconds else None
            try:
                yield connection
            finally:
                if timer:
                    timer.cancel()


def _asyncpg_options(transaction_seconds: float | None) -> dict[str, Any]:
    """The server gives up as well, so that nothing goes on there when nobody waits for it."""
    return {
        "timeout": _CONNECT_SECONDS,
        "command_timeout": transaction_seconds,
        "server_settings": {
            "application_name": "darkroom",
            "statement_timeout": str(round((transaction_seconds or 0) * 1000)),
        },
    }


def _replace_closed(connection: Any, entry: ConnectionPoolEntry, proxy: PoolProxiedConnection) -> None:  # noqa: ANN401 - the driver's own
    """A connection that the server closed meanwhile is replaced before anybody notices."""
    del connection, proxy
    if entry.driver_connection is not None and entry.driver_connection.is_closed():
        raise DisconnectionError
