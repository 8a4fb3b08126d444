"""The SQL engine, bounded in time: a database that is away or frozen soon raises DependencyUnavailable."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from functools import partial
from typing import Any

from sqlalchemy import Connection, event, make_url
from sqlalchemy.exc import DataError, DBAPIError, DisconnectionError, IntegrityError, ProgrammingError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

from core.errors import ConfigurationError, DatabaseOverloaded, DependencyUnavailable
from core.sharing.callers import blocking_others, current_caller
from core.sharing.gate import Gate
from core.telemetry import calling

_CONNECT_SECONDS = 2.0
_POOL_SECONDS = 2.0
_TRANSACTION_SECONDS = 2.75  # with the wait for a connection less than the 5 s that a request may take
_QUEUE_SECONDS = 60.0  # for a connection to SQLite: a file is never away, only others come first
_SQLITE_CONNECTIONS = 5
_POSTGRES_CONNECTIONS = 20

_PROGRAMMING_ERRORS = (IntegrityError, ProgrammingError, DataError)


class Database:
    """Opens transactions. Nothing else in this package begins, commits or rolls back."""

    def __init__(self, engine: AsyncEngine, *, pool_seconds: float | None, transaction_seconds: float) -> None:
        """`pool_seconds`: for a connection; None: as long as makes sense."""
        self._engine = engine
        self._transaction_seconds = transaction_seconds
        is_sqlite = engine.dialect.name == "sqlite"
        # Two round trips less; for SQLite, whose driver has no such level, _begin_sqlite does it.
        alone = {} if is_sqlite else {"isolation_level": "AUTOCOMMIT"}
        self._reader = engine.execution_options(darkroom_reading=True, **alone)
        self._pool_seconds = pool_seconds or (_QUEUE_SECONDS if is_sqlite else _POOL_SECONDS)
        self._connections = (
            Gate(_SQLITE_CONNECTIONS, reserved=1, share=2)
            if is_sqlite
            else Gate(_POSTGRES_CONNECTIONS, reserved=4, share=8)
        )
        # SQLite has one writer at a time: a queue here spares its writers from polling for their turn.
        self._write_gates = (Gate(1, share=1), self._connections) if is_sqlite else (self._connections,)

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        async with self._admitted(*self._write_gates), self._transaction(self._engine, "write") as connection:
            yield connection

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """Open a connection for one statement, without a transaction: two statements may see different states."""
        async with self._admitted(self._connections), self._transaction(self._reader, "read") as connection:
            yield connection

    async def check(self) -> None:
        async with self.reading() as connection:
            await connection.exec_driver_sql("SELECT 1")

    @asynccontextmanager
    async def _admitted(self, *gates: Gate) -> AsyncIterator[None]:
        """A place in each. Raises DatabaseOverloaded when others keep them for too long."""
        async with AsyncExitStack() as stack:
            try:
                async with asyncio.timeout(self._pool_seconds):
                    for gate in gates:
                        await stack.enter_async_context(gate.place(current_caller()))
            except TimeoutError as error:
                raise DatabaseOverloaded(f"No connection was free within {self._pool_seconds:g} s.") from error
            with blocking_others():
                yield

    @asynccontextmanager
    async def _transaction(self, engine: AsyncEngine, call: str) -> AsyncIterator[AsyncConnection]:
        with calling("database", call), translated():
            deadline = partial(_deadline, seconds=self._transaction_seconds)
            async with engine.connect() as connection, deadline(connection), connection.begin():
                yield connection


@asynccontextmanager
async def open_database(
    url: str, *, pool_seconds: float | None = None, transaction_seconds: float = _TRANSACTION_SECONDS
) -> AsyncIterator[Database]:
    """Bounded by default in such a way that a request is answered within 5 s, whatever the server does."""
    engine = create_engine(url, transaction_seconds=transaction_seconds)
    try:
        yield Database(engine, pool_seconds=pool_seconds, transaction_seconds=transaction_seconds)
    finally:
        await engine.dispose()


def describe_url(url: str) -> str:
    """For messages: which database, without its password."""
    parts = make_url(url)
    return f"{parts.database!r} at {parts.host}:{parts.port}" if parts.host else f"{parts.database}"


def create_engine(url: str, *, transaction_seconds: float | None) -> AsyncEngine:
    """Raises ConfigurationError for a URL that names neither database. Migrations may take their time (None)."""
    if url.startswith("sqlite+aiosqlite:///"):
        options = {"timeout": _TRANSACTION_SECONDS, "isolation_level": None}
        engine = create_async_engine(url, pool_size=_SQLITE_CONNECTIONS, max_overflow=0, connect_args=options)
        event.listen(engine.sync_engine, "connect", _prepare_sqlite)
        event.listen(engine.sync_engine, "begin", _begin_sqlite)
    elif url.startswith("postgresql+asyncpg://"):
        options = _asyncpg_options(transaction_seconds)
        idle = _POSTGRES_CONNECTIONS // 2  # so many stay open
        engine = create_async_engine(
            url, pool_size=idle, max_overflow=_POSTGRES_CONNECTIONS - idle, connect_args=options
        )
        event.listen(engine.sync_engine, "checkout", _replace_closed)
    else:
        raise ConfigurationError("DARKROOM_DATABASE_URL must start with sqlite+aiosqlite:/// or postgresql+asyncpg://.")
    return engine


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


def _prepare_sqlite(connection: Any, entry: ConnectionPoolEntry) -> None:  # noqa: ANN401 - the driver's own
    del entry
    cursor = connection.cursor()
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    """A writer takes its lock at once: a reader that turned writer would fail whenever another one was faster."""
    if not connection.get_execution_options().get("darkroom_reading", False):
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _replace_closed(connection: Any, entry: ConnectionPoolEntry, proxy: PoolProxiedConnection) -> None:  # noqa: ANN401 - the driver's own
    """A connection that the server closed meanwhile is replaced before anybody notices."""
    del connection, proxy
    if entry.driver_connection is not None and entry.driver_connection.is_closed():
        raise DisconnectionError


@asynccontextmanager
async def _deadline(connection: AsyncConnection, *, seconds: float) -> AsyncIterator[None]:
    """Close the connection of a transaction that takes too long: a frozen server would not answer a cancellation."""
    driver = (await connection.get_raw_connection()).driver_connection
    if driver is None or not hasattr(driver, "terminate"):  # SQLite has no server that could freeze
        yield
        return
    timer = asyncio.get_running_loop().call_later(seconds, driver.terminate)
    try:
        yield
    finally:
        timer.cancel()


def violates_foreign_key(error: IntegrityError) -> bool:
    """Return whether the row refers to one that does not exist, such as an owner who was deleted meanwhile."""
    return "foreign key" in str(error.orig).lower()


@contextmanager
def translated() -> Iterator[None]:
    try:
        yield
    except _PROGRAMMING_ERRORS:
        raise
    except (DBAPIError, OSError) as error:  # TimeoutError is an OSError
        raise DependencyUnavailable("database", f"The database does not respond: {type(error).__name__}.") from error
