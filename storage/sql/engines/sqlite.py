"""SQLite by the standard library: short statements run on the event loop, and what waits for the disk in a thread.

A statement takes tens of microseconds, less than a hop into a thread and back. In WAL mode only a commit flushes.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, suppress
from typing import Any

from sqlalchemy import Connection as BlockingConnection
from sqlalchemy import CursorResult, Dialect, Executable, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry

from storage.sql.engines.interface import Parameters
from storage.sql.engines.prepared import Prepared, Row, compile_once

CONNECTIONS = 5
_LOCKED_SECONDS = 2.75  # how long to wait for the lock of another process …
_POLL_SECONDS = 0.01  # … and how often to look
_MIGRATION_LOCKED_SECONDS = 300  # other processes may migrate at the same time, one after the other


class SqliteEngine:
    """At most CONNECTIONS transactions may be open at once; one more raises an error, because it would never end."""

    def __init__(self, url: str) -> None:
        self._engine = create_engine(
            make_url(url).set(drivername="sqlite"),
            pool_size=CONNECTIONS,
            max_overflow=0,
            pool_timeout=0,
            connect_args={"timeout": 0, "isolation_level": None, "check_same_thread": False},
        )
        self._committing = ThreadPoolExecutor(1, thread_name_prefix="sqlite-commit")
        self._idle: list[BlockingConnection] = []  # ready to execute: SQLAlchemy's pool resets each
        event.listen(self._engine, "connect", _prepare)

    @asynccontextmanager
    async def writing(self, *, slow: bool) -> AsyncIterator["SqliteConnection"]:
        """Take the writer's lock at once: a reader that turned writer would fail whenever another one was faster."""
        with self._connected(slow=slow) as connection:
            driver = connection.driver
            await retry_while_locked(lambda: driver.execute("BEGIN IMMEDIATE"))
            try:
                yield connection
                await _in_thread(driver.commit, self._committing)
            finally:
                driver.rollback()  # does nothing after the commit

    def updating(self) -> AbstractAsyncContextManager["SqliteConnection"]:
        """Open a transaction: by itself, a statement would commit on the event loop."""
        return self.writing(slow=False)

    @asynccontextmanager
    async def reading(self, *, slow: bool) -> AsyncIterator["SqliteConnection"]:
        with self._connected(slow=slow) as connection:
            yield connection

    async def run(self, work: Callable[[BlockingConnection], object]) -> None:
        """Run `work` in a thread. It commits by SQLAlchemy's means."""
        with self._engine.connect() as connection:
            _wait_for_locks(connection.connection.driver_connection, _MIGRATION_LOCKED_SECONDS)
            event.listen(connection, "begin", lambda each: each.exec_driver_sql("BEGIN IMMEDIATE"))
            await _in_thread(lambda: work(connection))

    async def dispose(self) -> None:
        """Close all connections. The last one copies the log into the database, which takes a while."""
        while self._idle:
            self._idle.pop().close()
        await _in_thread(self._engine.dispose)
        self._committing.shutdown()

    @contextmanager
    def _connected(self, *, slow: bool) -> Iterator["SqliteConnection"]:
        connection = self._idle.pop() if self._idle else self._engine.connect()
        try:
            yield SqliteConnection(connection, slow=slow)
        finally:
            if connection.in_transaction():
                connection.rollback()  # of what SQLAlchemy takes for a transaction
            self._idle.append(connection)


class SqliteConnection:
    """Executes statements on the event loop, or in a thread if they are `slow`."""

    def __init__(self, connection: BlockingConnection, *, slow: bool) -> None:
        self._connection = connection
        self.driver: Any = connection.connection.driver_connection
        self._slow = slow

    @property
    def dialect(self) -> Dialect:
        return self._connection.dialect

    async def execute(self, statement: Executable, parameters: Parameters | None = None) -> CursorResult[Any]:
        return await self._run(lambda: self._connection.execute(statement, parameters))

    async def fetch(self, prepared: Prepared) -> list[Row]:
        compiled = compile_once(prepared.statement, self.dialect)
        arguments = compiled.arguments(prepared.values)
        try:
            return compiled.rows(await self._run(lambda: self.driver.execute(compiled.text, arguments).fetchall()))
        except sqlite3.Error as error:
            raise DBAPIError.instance(compiled.text, None, error, sqlite3.Error, dialect=self.dialect) from error

    async def _run[T](self, work: Callable[[], T]) -> T:
        return await (_in_thread(work) if self._slow else retry_while_locked(work))


async def retry_while_locked[T](work: Callable[[], T]) -> T:
    """Retry for up to 2.75 s while another process, such as `make user`, has the lock that `work` needs."""
    loop = asyncio.get_running_loop()
    give_up_at = loop.time() + _LOCKED_SECONDS
    while True:
        try:
            return work()
        except (OperationalError, sqlite3.OperationalError) as error:
            if not _is_locked(error) or loop.time() >= give_up_at:
                raise
        await asyncio.sleep(_POLL_SECONDS)


def _is_locked(error: OperationalError | sqlite3.OperationalError) -> bool:
    cause = error.orig if isinstance(error, OperationalError) else error
    return isinstance(cause, sqlite3.Error) and cause.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY


async def _in_thread[T](work: Callable[[], T], threads: Executor | None = None) -> T:
    """Run `work` in a thread. A cancellation waits for its end: the connection must not be used by two."""
    running = asyncio.get_running_loop().run_in_executor(threads, work)
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        while not running.done():
            with suppress(asyncio.CancelledError):
                await asyncio.wait({running})
        running.exception()  # nobody else will look
        raise


def _prepare(connection: Any, entry: ConnectionPoolEntry) -> None:  # noqa: ANN401 - the driver's own
    del entry
    _wait_for_locks(connection, _LOCKED_SECONDS)  # another process may be changing the journal's mode
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}")
    _wait_for_locks(connection, 0)


def _wait_for_locks(connection: Any, seconds: float) -> None:  # noqa: ANN401 - the driver's own
    connection.execute(f"PRAGMA busy_timeout = {round(1000 * seconds)}")
