"""Reads tasks. Each method is one statement, without a transaction."""

import builtins
from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select

from core.labels import NO_LABELS, Labels
from core.tasks import Output, Task, TaskStatus
from storage.sql.database import Database
from storage.sql.labels import tasks_with
from storage.sql.schema import tasks
from storage.sql.statements import prepared
from storage.sql.tasks.queue_state import QueueState, count_open, count_open_of, queue_state, read_queue_state

_OUTPUT = tuple(field.name for field in fields(Output))
_TASK = tuple(field.name for field in fields(Task) if field.name not in {"output", "has_twin"})
COLUMNS = [tasks.c[name] for name in (*_TASK, *(f"output_{name}" for name in _OUTPUT))]


@prepared
def _owned(task_id: UUID, owner_id: UUID) -> Select[Any]:
    return select(*COLUMNS).where(tasks.c.task_id == task_id, tasks.c.owner_id == owner_id)


def task_from(row: Mapping[Any, Any]) -> Task:
    """Return the task of a row that has COLUMNS."""
    plain = {name: row[name] for name in _TASK}
    plain["status"] = TaskStatus(row["status"])
    plain["pipeline"] = tuple(row["pipeline"])
    plain["tags"] = tuple(row["tags"] or ())
    output = Output(**{name: row[f"output_{name}"] for name in _OUTPUT}) if row["output_key"] else None
    return Task(**plain, output=output)


@dataclass(frozen=True, slots=True, kw_only=True)
class IdempotencyKey:
    """The client's key, and the digest of the request that it was sent with. Both are stored with the task."""

    key: str
    order_sha256: str


class TaskQueries:
    """Queries with an `owner_id` return None for another user's task, as for one that does not exist."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, task_id: UUID, *, owner_id: UUID) -> Task | None:
        async with self._database.reading() as connection:
            found = await connection.fetch(_owned(task_id, owner_id))
        return task_from(found[0]) if found else None

    async def by_idempotency_key(self, key: str, *, owner_id: UUID) -> Task | None:
        found = await self._select(tasks.c.owner_id == owner_id, tasks.c.idempotency_key == key, limit=1)
        return found[0] if found else None

    async def exists(self, task_id: UUID) -> bool:
        return await self.status(task_id) is not None

    async def status(self, task_id: UUID) -> TaskStatus | None:
        found = await self.find({task_id})
        return found[0].status if found else None

    async def list(
        self,
        *,
        owner_id: UUID,
        status: TaskStatus | None = None,
        labels: Labels = NO_LABELS,
        limit: int,
        before: UUID | None = None,
    ) -> builtins.list[Task]:
        """Return tasks with these labels, newest first. `before` is the last task_id of the previous page."""
        conditions = [tasks.c.owner_id == owner_id, *tasks_with(labels, owner_id=owner_id)]
        if status:
            conditions.append(tasks.c.status == status)
        if before:
            conditions.append(tasks.c.task_id < before)
        return await self._select(*conditions, limit=limit)

    async def find(self, task_ids: set[UUID]) -> builtins.list[Task]:
        """Return those tasks that exist, whoever owns them."""
        return await self._select(tasks.c.task_id.in_(task_ids), limit=len(task_ids))

    async def positions(self, task_ids: Collection[UUID]) -> dict[UUID, tuple[TaskStatus, int]]:
        """Return status and attempt of those tasks that exist, for requests that wait for a transition."""
        statement = select(tasks.c.task_id, tasks.c.status, tasks.c.attempt).where(tasks.c.task_id.in_(task_ids))
        async with self._database.reading() as connection:
            rows = (await connection.execute(statement)).all()
        return {row.task_id: (TaskStatus(row.status), row.attempt) for row in rows}

    async def count_open(self, *, owner_id: UUID | None = None, at_most: int) -> int:
        """Count tasks that have not ended, of one owner or of all. Stops counting at `at_most`."""
        async with self._database.reading() as connection:
            statement = count_open_of(owner_id, at_most) if owner_id else count_open(at_most)
            (found,) = await connection.fetch(statement)
        return int(found["open_tasks"])

    async def measure_queue(self) -> QueueState:
        async with self._database.reading(slow=True) as connection:
            return read_queue_state((await connection.execute(queue_state())).mappings().one())

    async def _select(self, *conditions: ColumnElement[bool], limit: int) -> builtins.list[Task]:
        statement = select(*COLUMNS).where(*conditions).order_by(tasks.c.task_id.desc()).limit(limit)
        async with self._database.reading() as connection:
            return [task_from(row) for row in (await connection.execute(statement)).mappings()]
