"""Reads the log of what happened to tasks, which triggers of the database write in the transaction that changed a row.

Transactions of PostgreSQL commit in another order than that of their events' ids. So events are ordered by transaction
first, and are read only once no older transaction is open: none can appear before an event that was already read.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Select, delete, select, tuple_
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import BigInteger

from storage.sql.clock import now
from storage.sql.database import Database
from storage.sql.engines.prepared import Row
from storage.sql.schema import task_events
from storage.sql.statements import prepared

EVENT_RETENTION_SECONDS = 3_600.0
_e = task_events.c
_ORDER = (_e.transaction_id, _e.event_id)


class EventPosition(NamedTuple):
    """A place in the order of events. An event is after all those of smaller positions."""

    transaction_id: int
    event_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedEvent:
    position: EventPosition
    owner_id: UUID
    task_id: UUID
    name: str  # created, deleted, or the new status
    attempt: int
    at: datetime


class _OldestOpenTransaction(FunctionElement[int]):
    """The id of the oldest transaction that is still open; all events of smaller ids are there to be read."""

    name = "oldest_open_transaction"
    type = BigInteger()
    inherit_cache = True


@compiles(_OldestOpenTransaction, "postgresql")
def _postgresql(element: _OldestOpenTransaction, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401 - as in SQLAlchemy
    del element, compiler, options
    return "pg_snapshot_xmin(pg_current_snapshot())::text::bigint"


@compiles(_OldestOpenTransaction, "sqlite")
def _sqlite(element: _OldestOpenTransaction, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401 - as in SQLAlchemy
    del element, compiler, options
    return "1"  # it has one writer at a time, and all its events have 0


_COMPLETE = _e.transaction_id < _OldestOpenTransaction()


@prepared
def _after(transaction_id: int, event_id: int, limit: int) -> Select[Any]:
    found = select(task_events).where(tuple_(*_ORDER) > tuple_(transaction_id, event_id), _COMPLETE)
    return found.order_by(*_ORDER).limit(limit)


@prepared
def _owned_after(transaction_id: int, event_id: int, owner_id: UUID, limit: int) -> Select[Any]:
    found = select(task_events).where(tuple_(*_ORDER) > tuple_(transaction_id, event_id), _COMPLETE)
    return found.where(_e.owner_id == owner_id).order_by(*_ORDER).limit(limit)


class TaskEventRepository:
    """Each method is one statement."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def newest(self) -> EventPosition:
        """Return the position before everything that has not happened yet."""
        last = select(*_ORDER).where(_COMPLETE).order_by(*(each.desc() for each in _ORDER)).limit(1)
        async with self._database.reading() as connection:
            row = (await connection.execute(last)).first()
        return EventPosition(row.transaction_id, row.event_id) if row else EventPosition(0, 0)

    async def after(self, position: EventPosition, *, owner_id: UUID | None = None, limit: int) -> list[LoggedEvent]:
        """Return the first events after the position, of one owner or of all."""
        statement = _owned_after(*position, owner_id, limit) if owner_id else _after(*position, limit)
        async with self._database.reading() as connection:
            return [_event_from(row) for row in await connection.fetch(statement)]

    async def purge(self, *, retention_seconds: float, limit: int = 1_000) -> int:
        """Delete events that are older than that, of the oldest `limit`. Return how many."""
        oldest = select(_e.event_id, _e.at).order_by(*_ORDER).limit(limit).subquery()
        expired = select(oldest.c.event_id).where(oldest.c.at <= now(plus_seconds=-retention_seconds))
        async with self._database.writing(slow=True) as connection:
            return (await connection.execute(delete(task_events).where(_e.event_id.in_(expired)))).rowcount


def _event_from(row: Row) -> LoggedEvent:
    return LoggedEvent(
        position=EventPosition(row["transaction_id"], row["event_id"]),
        owner_id=row["owner_id"],
        task_id=row["task_id"],
        name=row["name"],
        attempt=row["attempt"],
        at=row["at"],
    )
