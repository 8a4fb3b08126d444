"""What an engine does, whichever database it is for."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

from sqlalchemy import Connection as BlockingConnection
from sqlalchemy import CursorResult, Dialect, Executable

from storage.sql.engines.prepared import Prepared, Row

type Parameters = Mapping[str, Any] | Sequence[Mapping[str, Any]]


class Connection(Protocol):
    """A connection in the hands of one asyncio task."""

    @property
    def dialect(self) -> Dialect: ...

    async def execute(self, statement: Executable, parameters: Parameters | None = None) -> CursorResult[Any]:
        """Execute one statement. Read its rows before the next `await`."""
        ...

    async def fetch(self, prepared: Prepared) -> list[Row]:
        """Execute a prepared statement. Return its rows."""
        ...


class Engine(Protocol):
    """`slow` promises nothing: it says that statements may take long, such as a count of all tasks."""

    def writing(self, *, slow: bool) -> AbstractAsyncContextManager[Connection]:
        """Open a transaction: committed at the end of the body, rolled back if that raises."""
        ...

    def updating(self) -> AbstractAsyncContextManager[Connection]:
        """Open a connection for one quick statement that writes, which is a transaction by itself."""
        ...

    def reading(self, *, slow: bool) -> AbstractAsyncContextManager[Connection]:
        """Open a connection without a transaction: each statement sees what is committed by then."""
        ...

    async def run(self, work: Callable[[BlockingConnection], object]) -> None:
        """Run blocking work, such as a migration, in as much time as it takes."""
        ...

    async def dispose(self) -> None: ...
