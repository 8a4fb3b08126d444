"""PostgreSQL by asyncpg. Server and driver give up a transaction that takes too long."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from typing import Any

import asyncpg
from sqlalchemy import Connection as BlockingConnection
from sqlalchemy import Dialect
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from storage.sql.engines.prepared import Prepared, Row, compile_once

CONNECTIONS = 20
_KEPT_OPEN = CONNECTIONS // 2
_CONNECT_SECONDS = 2.0


class PostgresEngine:
    """`transaction_seconds`: the longest that a transaction may take; None: as long as it takes."""

    def __init__(self, url: str, *, transaction_seconds: float | None) -> None:
        self._transaction_seconds = transaction_seconds
        self._engine = create_async_engine(
            url,
            poolclass=NullPool,  # those that are kept open stay ready to execute: SQLAlchemy's pool resets each
            connect_args=_asyncpg_options(transaction_seconds),
            isolation_level="AUTOCOMMIT",  # the driver begins transactions: a single statement needs none
        )
        self._idle: list[PostgresConnection] = []

    @asynccontextmanager
    async def writing(self, *, slow: bool) -> AsyncIterator["PostgresConnection"]:
        del slow
        async with self._connected() as connection:
            transaction = connection.driver.transaction()
            await transaction.start()
            try:
                yield connection
            except (TimeoutError, asyncio.CancelledError):
                raise  # the connection is closed, which rolls back; a failing ROLLBACK would replace the cancellation
            except BaseException:
                await transaction.rollback()
                raise
            await transaction.commit()

    def updating(self) -> AbstractAsyncContextManager["PostgresConnection"]:
        """Open a connection without a transaction: two round trips less."""
        return self._connected()

    def reading(self, *, slow: bool) -> AbstractAsyncContextManager["PostgresConnection"]:
        del slow
        return self._connected()

    async def run(self, work: Callable[[BlockingConnection], object]) -> None:
        async with self._engine.execution_options(isolation_level="READ COMMITTED").connect() as connection:
            await connection.run_sync(work)

    async def dispose(self) -> None:
        while self._idle:
            await self._idle.pop().close()
        await self._engine.dispose()

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator["PostgresConnection"]:
        """Close the connection after too long: a frozen server would not answer a cancellation."""
        connection = await self._connect()
        seconds = self._transaction_seconds
        timer = asyncio.get_running_loop().call_later(seconds, connection.driver.terminate) if seconds else None
        try:
            with _as_by_sqlalchemy(connection.driver):  # also what SQLAlchemy leaves as it is, and a failed COMMIT
                yield connection
        except IntegrityError:
            raise
        except (TimeoutError, asyncio.CancelledError, DBAPIError):
            connection.driver.terminate()  # it may be in the middle of a statement, or of no use without being closed
            raise
        finally:
            if timer:
                timer.cancel()
            await self._keep(connection)

    async def _connect(self) -> "PostgresConnection":
        """Return a connection that is kept open, unless the server closed it meanwhile, or a new one."""
        while self._idle:
            connection = self._idle.pop()
            if not connection.driver.is_closed():
                return connection
            await connection.close()
        opened = await self._engine.connect()
        return PostgresConnection(opened, (await opened.get_raw_connection()).driver_connection)

    async def _keep(self, connection: "PostgresConnection") -> None:
        if connection.driver.is_closed() or len(self._idle) >= _KEPT_OPEN:
            await connection.close()
            return
        await connection.reset()
        self._idle.append(connection)


class PostgresConnection:
    """Executes statements by SQLAlchemy, and prepared ones by the driver."""

    def __init__(self, connection: AsyncConnection, driver: Any) -> None:  # noqa: ANN401 - the driver's own
        self.driver = driver
        self.execute = connection.execute
        self.close = connection.close
        self._connection = connection

    @property
    def dialect(self) -> Dialect:
        return self._connection.dialect

    async def fetch(self, prepared: Prepared) -> list[Row]:
        compiled = compile_once(prepared.statement, self.dialect)
        with _as_by_sqlalchemy(self.driver):
            return compiled.rows(await self.driver.fetch(compiled.text, *compiled.arguments(prepared.values)))

    async def reset(self) -> None:
        """End what SQLAlchemy takes for a transaction."""
        if self._connection.in_transaction():
            await self._connection.rollback()


@contextmanager
def _as_by_sqlalchemy(driver: Any) -> Iterator[None]:  # noqa: ANN401 - the driver's own
    """Raise errors of the driver as SQLAlchemy does, and those that it does not know.

    A connection whose server was killed raises InternalClientError until it notices that it is closed. One that is
    terminated while a statement begins raises AttributeError: the driver has no protocol any more.
    """
    try:
        yield
    except asyncpg.IntegrityConstraintViolationError as error:
        raise IntegrityError(None, None, error) from error
    except (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError) as error:
        raise DBAPIError(None, None, error) from error
    except AttributeError as error:
        if not driver.is_closed():
            raise
        raise DBAPIError(None, None, error) from error


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
