"""The tasks as everybody else sees them. Every method is one transaction; how a task moves is in transitions.py."""

import builtins
from collections.abc import Collection, Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Update, insert, select
from sqlalchemy.exc import IntegrityError

from core.errors import Unauthenticated
from core.failpoints import failpoint
from core.tasks import Output, Task, TaskStatus
from storage.sql import transitions
from storage.sql.auxiliary_images import lock_images, remember
from storage.sql.clock import now
from storage.sql.database import Database, names_nobody
from storage.sql.deletion import remove_tasks, retention_over
from storage.sql.idempotency import IdempotencyKey, columns_of, has_key
from storage.sql.images import NewImage, insert_image
from storage.sql.queue_state import QueueState, count_open, queue_state, read_queue_state
from storage.sql.schema import tasks


class TaskRepository:
    """A claim counts as an attempt; a task whose `max_attempts` are spent is never claimed again."""

    def __init__(self, database: Database, *, max_attempts: int) -> None:
        self._database = database
        self._max_attempts = max_attempts

    async def create(  # noqa: PLR0913 - the columns of a row
        self,
        *,
        task_id: UUID,
        owner_id: UUID,
        image: NewImage | None,
        image_id: UUID,
        source_key: str,
        pipeline: builtins.list[dict[str, Any]],
        output_options: dict[str, Any],
        request_id: str | None,
        trace_context: str | None = None,
        auxiliary_image_ids: Collection[UUID] = (),
        idempotency: IdempotencyKey | None = None,
    ) -> Task:
        """With `image` its row is written too. Raises NotFound unless every other image is there and the owner's.

        A task with another id than the one asked for is the one that the idempotency key made before.
        """
        task = {
            "task_id": task_id,
            "owner_id": owner_id,
            "image_id": image_id,
            "source_key": source_key,
            "pipeline": pipeline,
            "output_options": output_options,
            "request_id": request_id,
            "trace_context": trace_context,
            **columns_of(idempotency),
        }
        start = {
            "status": TaskStatus.QUEUED,
            "attempt": 0,
            "handed_back": 0,
            "created_at": now(),
            "available_at": now(),
        }
        try:
            async with self._database.writing() as connection:
                if image:
                    await connection.execute(insert_image(owner_id, image, came_with_task=True))
                needed = {*auxiliary_image_ids, *([] if image else [image_id])}
                await lock_images(connection, needed, owner_id=owner_id)
                result = await connection.execute(insert(tasks).values(**task, **start).returning(*_COLUMNS))
                await remember(connection, task_id, auxiliary_image_ids)
                await failpoint("after_insert")
                return _task(result.mappings().one())
        except IntegrityError as error:
            if names_nobody(error):
                raise Unauthenticated("This user is gone.") from error
            first = await self.by_idempotency_key(idempotency.key, owner_id=owner_id) if idempotency else None
            if first is None:
                raise
            return first

    async def claim(
        self, task_id: UUID, *, worker_id: str, lease_seconds: float, unheard_seconds: float | None = None
    ) -> Task | None:
        """None: gone, final, not due, spent, or held by somebody else.

        `unheard_seconds` takes over a lease that was not renewed for so long, though it is not over yet.
        """
        return await self._move(
            transitions.claim(
                task_id,
                worker_id=worker_id,
                lease_seconds=lease_seconds,
                unheard_seconds=unheard_seconds,
                max_attempts=self._max_attempts,
            )
        )

    async def renew_lease(self, task_id: UUID, attempt: int, *, lease_seconds: float) -> bool:
        return await self._move(transitions.renew_lease(task_id, attempt, lease_seconds=lease_seconds)) is not None

    async def succeed(
        self,
        task_id: UUID,
        attempt: int,
        *,
        output: Output,
        analysis: dict[str, Any] | None = None,
        render_report: dict[str, Any] | None = None,
    ) -> bool:
        statement = transitions.succeed(task_id, attempt, output=output, analysis=analysis, render_report=render_report)
        return await self._move(statement) is not None

    async def fail(self, task_id: UUID, attempt: int, *, code: str, detail: str) -> bool:
        return await self._move(transitions.fail(task_id, attempt, code=code, detail=detail)) is not None

    async def retry(
        self, task_id: UUID, attempt: int, *, delay_seconds: float, code: str, detail: str
    ) -> TaskStatus | None:
        """QUEUED, or FAILED when the attempts are spent; None: no longer the caller's."""
        limit = self._max_attempts
        task = await self._move(
            transitions.retry(
                task_id, attempt, delay_seconds=delay_seconds, code=code, detail=detail, max_attempts=limit
            )
        )
        return task.status if task else None

    async def hand_back(self, task_id: UUID, attempt: int) -> bool:
        return await self._move(transitions.hand_back(task_id, attempt)) is not None

    async def cancel(self, task_id: UUID, *, owner_id: UUID) -> Task | None:
        """The task as it is now: a final one stays what it was. None: not there, or not the owner's."""
        cancelled = await self._move(transitions.cancel(task_id, owner_id=owner_id))
        return cancelled or await self.get(task_id, owner_id=owner_id)

    async def reclaim_expired(self, *, everything: bool = False) -> builtins.list[Task]:
        """Tasks whose lease is over, now queued or failed. `everything`: all running ones, when no worker can live."""
        return await self._move_all(transitions.reclaim(max_attempts=self._max_attempts, everything=everything))

    async def take_unpublished(self, *, stale_seconds: float, limit: int = 100) -> builtins.list[Task]:
        """Due tasks that were never published, or so long ago; the caller is to publish them now."""
        return await self._move_all(transitions.take_unpublished(stale_seconds=stale_seconds, limit=limit))

    async def mark_published(self, *task_ids: UUID) -> None:
        await self._move_all(transitions.mark_published(task_ids))

    async def replace_link(self, task_id: UUID, attempt: int, *, url: str, url_expires_at: datetime) -> bool:
        statement = transitions.replace_link(task_id, attempt, url=url, url_expires_at=url_expires_at)
        return await self._move(statement) is not None

    async def get(self, task_id: UUID, *, owner_id: UUID) -> Task | None:
        found = await self._select(tasks.c.task_id == task_id, tasks.c.owner_id == owner_id, limit=1)
        return found[0] if found else None

    async def by_idempotency_key(self, key: str, *, owner_id: UUID) -> Task | None:
        found = await self._select(has_key(key, owner_id=owner_id), limit=1)
        return found[0] if found else None

    async def exists(self, task_id: UUID) -> bool:
        return await self.status(task_id) is not None

    async def status(self, task_id: UUID) -> TaskStatus | None:
        found = await self.find({task_id})
        return found[0].status if found else None

    async def list(
        self, *, owner_id: UUID, status: TaskStatus | None = None, limit: int, before: UUID | None = None
    ) -> builtins.list[Task]:
        """Newest first; `before` is the last task_id of the page before."""
        conditions = [tasks.c.owner_id == owner_id]
        if status:
            conditions.append(tasks.c.status == status)
        if before:
            conditions.append(tasks.c.task_id < before)
        return await self._select(*conditions, limit=limit)

    async def delete(self, task_id: UUID, *, owner_id: UUID) -> builtins.list[str] | None:
        """The row is gone, whatever its status: the keys of the objects to delete. None: there was no such row."""
        mine = (tasks.c.task_id == task_id) & (tasks.c.owner_id == owner_id)
        async with self._database.writing() as connection:
            return await remove_tasks(connection, mine, limit=1)

    async def purge(self, *, retention_seconds: float, limit: int = 100) -> builtins.list[str]:
        """Tasks that ended so long ago are gone: the keys of the objects to delete."""
        async with self._database.writing() as connection:
            over = retention_over(retention_seconds=retention_seconds)
            return await remove_tasks(connection, over, limit=limit) or []

    async def positions(self, task_ids: Collection[UUID]) -> dict[UUID, tuple[TaskStatus, int]]:
        """Status and attempt of those that are there, for whoever waits for a transition."""
        statement = select(tasks.c.task_id, tasks.c.status, tasks.c.attempt).where(tasks.c.task_id.in_(task_ids))
        async with self._database.reading() as connection:
            rows = (await connection.execute(statement)).all()
        return {row.task_id: (TaskStatus(row.status), row.attempt) for row in rows}

    async def count_open(self, *, owner_id: UUID | None = None, at_most: int) -> int:
        """Tasks that have not ended, of one owner or of all; stops counting at `at_most`."""
        async with self._database.reading() as connection:
            return (await connection.execute(count_open(owner_id, at_most=at_most))).scalar_one()

    async def measure_queue(self) -> QueueState:
        async with self._database.reading() as connection:
            return read_queue_state((await connection.execute(queue_state())).mappings().one())

    async def find(self, task_ids: set[UUID]) -> builtins.list[Task]:
        """Whosever they are; those that have a row."""
        return await self._select(tasks.c.task_id.in_(task_ids), limit=len(task_ids))

    async def _move(self, transition: Update) -> Task | None:
        moved = await self._move_all(transition)
        return moved[0] if moved else None

    async def _move_all(self, transition: Update) -> builtins.list[Task]:
        async with self._database.writing() as connection:
            result = await connection.execute(transition.returning(*_COLUMNS))
            return [_task(row) for row in result.mappings()]

    async def _select(self, *conditions: ColumnElement[bool], limit: int) -> builtins.list[Task]:
        statement = select(*_COLUMNS).where(*conditions).order_by(tasks.c.task_id.desc()).limit(limit)
        async with self._database.reading() as connection:
            return [_task(row) for row in (await connection.execute(statement)).mappings()]


_OUTPUT = tuple(field.name for field in fields(Output))
_TASK = tuple(field.name for field in fields(Task) if field.name != "output")
_COLUMNS = [tasks.c[name] for name in (*_TASK, *(f"output_{name}" for name in _OUTPUT))]


def _task(row: Mapping[Any, Any]) -> Task:
    plain = {name: row[name] for name in _TASK}
    plain["status"] = TaskStatus(row["status"])
    plain["pipeline"] = tuple(row["pipeline"])
    output = Output(**{name: row[f"output_{name}"] for name in _OUTPUT}) if row["output_key"] else None
    return Task(**plain, output=output)
