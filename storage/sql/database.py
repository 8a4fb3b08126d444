"""The SQL database, bounded in time: one that is away or frozen soon raises DependencyUnavailable."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager

from sqlalchemy import Connection as BlockingConnection
from sqlalchemy import make_url, text
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, ProgrammingError

from core.errors import ConfigurationError, DatabaseOverloaded, DependencyUnavailable, StorageFull
from core.sharing.callers import blocking_others, current_caller
from core.sharing.gate import Gate
from core.telemetry import calling
from storage.sql.engines import postgres, sqlite
from storage.sql.engines.interface import Connection, Engine

_POOL_SECONDS = 2.0
_TRANSACTION_SECONDS = 2.75  # with the wait for a connection less than the 5 s that a request may take
_QUEUE_SECONDS = 60.0  # for a connection to SQLite: a file is never away, only others come first

_SQLITE = ("sqlite:///", "sqlite+aiosqlite:///")  # the second is how earlier versions spelled it
_POSTGRES = "postgresql+asyncpg://"
_DISK_FULL = "53100"  # https://www.postgresql.org/docs/current/errcodes-appendix.html
_PROGRAMMING_ERRORS = (IntegrityError, ProgrammingError, DataError)


class Database:
    """Opens transactions. Nothing else in this package begins, commits or rolls back."""

    def __init__(self, engine: Engine, *, pool_seconds: float | None) -> None:
        """`pool_seconds`: for a connection; None: as long as makes sense."""
        self._engine = engine
        self.rejected_write: str | None = None  # why the last transaction was; `check` only reads
        is_sqlite = isinstance(engine, sqlite.SqliteEngine)
        self._pool_seconds = pool_seconds or (_QUEUE_SECONDS if is_sqlite else _POOL_SECONDS)
        self._connections = (
            Gate(sqlite.CONNECTIONS, reserved=1, share=2)
            if is_sqlite
            else Gate(postgres.CONNECTIONS, reserved=4, share=8)
        )
        # SQLite has one writer at a time: a queue here spares its writers from polling for their turn.
        self._write_gates = (Gate(1, share=1), self._connections) if is_sqlite else (self._connections,)

    def writing(self, *, slow: bool = False) -> AbstractAsyncContextManager[Connection]:
        """Open a transaction. `slow`: its statements may take milliseconds, as those over many rows do."""
        return self._writing(self._engine.writing(slow=slow))

    def updating(self) -> AbstractAsyncContextManager[Connection]:
        """Open a connection for one quick statement that writes, which is a transaction by itself."""
        return self._writing(self._engine.updating())

    def reading(self, *, slow: bool = False) -> AbstractAsyncContextManager[Connection]:
        """Open a connection for one statement, without a transaction: two statements may see different states."""
        return self._open("read", self._engine.reading(slow=slow), self._connections)

    async def check(self) -> None:
        async with self.reading() as connection:
            await connection.execute(text("SELECT 1"))

    @asynccontextmanager
    async def _writing(self, opening: AbstractAsyncContextManager[Connection]) -> AsyncIterator[Connection]:
        try:
            async with self._open("write", opening, *self._write_gates) as connection:
                yield connection
        except StorageFull as error:
            if error.dependency == "database":
                self.rejected_write = error.detail
            raise
        self.rejected_write = None

    @asynccontextmanager
    async def _open(
        self, call: str, opening: AbstractAsyncContextManager[Connection], *gates: Gate
    ) -> AsyncIterator[Connection]:
        """Open a connection with a place in each gate. Raises DatabaseOverloaded when others keep them for too long."""
        caller, is_open = current_caller(), False
        acquired: list[Gate] = []
        try:
            if not all(_acquired_at_once(gate, caller, acquired) for gate in gates):
                await self._wait_for_places(gates[len(acquired) :], caller, acquired)
            with blocking_others(), calling("database", call), translated():
                async with opening as connection:
                    is_open = True
                    yield connection
        except DependencyUnavailable as error:
            error.had_no_effect = error.had_no_effect or not is_open
            raise
        finally:
            for gate in reversed(acquired):
                gate.release(caller)

    async def _wait_for_places(self, gates: Sequence[Gate], caller: str, acquired: list[Gate]) -> None:
        try:
            async with asyncio.timeout(self._pool_seconds):
                for gate in gates:
                    await gate.acquire(caller)
                    acquired.append(gate)
        except TimeoutError as error:
            raise DatabaseOverloaded(f"No connection was free within {self._pool_seconds:g} s.") from error


def _acquired_at_once(gate: Gate, caller: str, acquired: list[Gate]) -> bool:
    """Acquire a place if one is free. Return whether it was."""
    if is_free := gate.try_acquire(caller):
        acquired.append(gate)
    return is_free


@asynccontextmanager
async def open_database(
    url: str, *, pool_seconds: float | None = None, transaction_seconds: float = _TRANSACTION_SECONDS
) -> AsyncIterator[Database]:
    """Bounded by default in such a way that a request is answered within 5 s, whatever the server does."""
    engine = create_engine(url, transaction_seconds=transaction_seconds)
    try:
        yield Database(engine, pool_seconds=pool_seconds)
    finally:
        await engine.dispose()


async def run_blocking(url: str, work: Callable[[BlockingConnection], object]) -> None:
    """Run a migration on a connection of its own. Raises DependencyUnavailable if the database cannot be reached."""
    engine = create_engine(url, transaction_seconds=None)
    try:
        with translated():
            await engine.run(work)
    finally:
        await engine.dispose()


def describe_url(url: str) -> str:
    """For messages: which database, without its password."""
    parts = make_url(url)
    return f"{parts.database!r} at {parts.host}:{parts.port}" if parts.host else f"{parts.database}"


def create_engine(url: str, *, transaction_seconds: float | None) -> Engine:
    """Raises ConfigurationError for a URL that names neither database. Migrations may take their time (None)."""
    if url.startswith(_SQLITE):
        return sqlite.SqliteEngine(url)
    if url.startswith(_POSTGRES):
        return postgres.PostgresEngine(url, transaction_seconds=transaction_seconds)
    raise ConfigurationError(f"DARKROOM_DATABASE_URL must start with sqlite:/// or {_POSTGRES}.")


def violates_foreign_key(error: IntegrityError) -> bool:
    """Return whether the row refers to one that does not exist, such as an owner who was deleted meanwhile."""
    return "foreign key" in str(error.orig).lower()


@contextmanager
def translated() -> Iterator[None]:
    try:
        yield
    except _PROGRAMMING_ERRORS:
        raise
    except (DBAPIError, sqlite3.OperationalError, OSError) as error:  # TimeoutError is an OSError
        if _is_full(error):
            raise StorageFull("database", "The database has no space left.") from error
        raise DependencyUnavailable("database", f"The database does not respond: {type(error).__name__}.") from error


def _is_full(error: DBAPIError | sqlite3.OperationalError | OSError) -> bool:
    cause = error.orig if isinstance(error, DBAPIError) else error
    return (
        getattr(cause, "sqlstate", None) == _DISK_FULL
        or getattr(cause, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
    )
