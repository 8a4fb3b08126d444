"""Creates and moves tasks. Each method is one transaction; transitions.py has its statements."""

import builtins
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Update
from sqlalchemy.exc import IntegrityError

from core.errors import Unauthenticated
from core.failpoints import failpoint
from core.labels import NO_LABELS, Labels
from core.tasks import Output, Task, TaskStatus
from storage.sql.auxiliary_images import link_images, lock_images
from storage.sql.database import Database, violates_foreign_key
from storage.sql.engines.prepared import Prepared, Row
from storage.sql.images import NewImage, insert_image
from storage.sql.labels import index_task_tags
from storage.sql.statements import bind
from storage.sql.tasks import transitions
from storage.sql.tasks.creation import INSERT_TASK, NO_VALUES
from storage.sql.tasks.deletion import TaskDeletion
from storage.sql.tasks.queries import COLUMNS, IdempotencyKey, task_from


class TaskRepository(TaskDeletion):
    """Each claim counts as an attempt. A task that has used up `max_attempts` is never claimed again.

    Methods with `attempt` change the task only while that attempt holds it; afterwards they return False or None.
    """

    def __init__(self, database: Database, *, max_attempts: int) -> None:
        super().__init__(database)
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
        file_name: str | None = None,
        disposition: str | None = None,
        labels: Labels = NO_LABELS,
        trace_context: str | None = None,
        auxiliary_image_ids: Collection[UUID] = (),
        preset: str | None = None,
        render_digest: str | None = None,
        idempotency: IdempotencyKey | None = None,
    ) -> Task:
        """Add a task, and the row of `image` if given. Raises NotFound unless the owner has all other images.

        Return the earlier task, which has another id, if the idempotency key was used before.
        """
        row = {
            "task_id": task_id,
            "owner_id": owner_id,
            "image_id": image_id,
            "source_key": source_key,
            "pipeline": pipeline,
            "output_options": output_options,
            "preset": preset,
            "render_digest": render_digest,
            "request_id": request_id,
            "file_name": file_name,
            "disposition": disposition,
            "reference": labels.reference,
            "tags": labels.tags or None,
            "trace_context": trace_context,
            "idempotency_key": idempotency.key if idempotency else None,
            "order_sha256": idempotency.order_sha256 if idempotency else None,
        }
        try:
            async with self._database.writing() as connection:
                if image:
                    await connection.fetch(insert_image(owner_id, image, came_with_task=True))
                others = {*auxiliary_image_ids, *([] if image else [image_id])}
                await lock_images(connection, others, owner_id=owner_id)
                (created,) = await connection.fetch(bind(INSERT_TASK, row))
                await link_images(connection, task_id, auxiliary_image_ids)
                await index_task_tags(connection, task_id, labels.tags, owner_id=owner_id)
                await failpoint("after_insert")
            return task_from({**NO_VALUES, **row, **created})
        except IntegrityError as error:
            if violates_foreign_key(error):
                raise Unauthenticated("The user was deleted.") from error
            first = await self.by_idempotency_key(idempotency.key, owner_id=owner_id) if idempotency else None
            if first is None:
                raise
            return first

    async def claim(
        self, task_id: UUID, *, worker_id: str, lease_seconds: float, missed_heartbeat_seconds: float | None = None
    ) -> Task | None:
        """Claim the task for a worker. Return None if it is deleted, final, not due, out of attempts or leased.

        A lease that was not renewed for `missed_heartbeat_seconds` is taken over, though it has not expired yet.
        """
        claimed = await self._moved(
            transitions.claim(
                task_id,
                worker_id=worker_id,
                lease_seconds=lease_seconds,
                remaining_seconds=0 if missed_heartbeat_seconds is None else lease_seconds - missed_heartbeat_seconds,
                max_attempts=self._max_attempts,
            )
        )
        return replace(task_from(claimed), has_twin=claimed["has_twin"]) if claimed else None

    async def renew_lease(self, task_id: UUID, attempt: int, *, lease_seconds: float) -> bool:
        return await self._moved(transitions.renew_lease(task_id, attempt, lease_seconds=lease_seconds)) is not None

    async def succeed(
        self,
        task_id: UUID,
        attempt: int,
        *,
        output: Output,
        analysis: dict[str, Any] | None = None,
        render_report: dict[str, Any] | None = None,
    ) -> bool:
        transition = transitions.succeed(
            task_id, attempt, output=output, analysis=analysis, render_report=render_report
        )
        return await self._moved(transition) is not None

    async def fail(self, task_id: UUID, attempt: int, *, code: str, detail: str) -> bool:
        return await self._move(transitions.fail(task_id, attempt, code=code, detail=detail)) is not None

    async def retry(
        self, task_id: UUID, attempt: int, *, delay_seconds: float, code: str, detail: str
    ) -> TaskStatus | None:
        """Return QUEUED, or FAILED if all attempts are used up; None if the attempt no longer holds the task."""
        reason: dict[str, Any] = {"code": code, "detail": detail, "max_attempts": self._max_attempts}
        task = await self._move(transitions.retry(task_id, attempt, delay_seconds=delay_seconds, **reason))
        return task.status if task else None

    async def hand_back(self, task_id: UUID, attempt: int) -> bool:
        return await self._move(transitions.hand_back(task_id, attempt)) is not None

    async def cancel(self, task_id: UUID, *, owner_id: UUID) -> Task | None:
        """Return the task, cancelled unless it had ended before; None if the owner has no such task."""
        cancelled = await self._move(transitions.cancel(task_id, owner_id=owner_id))
        return cancelled or await self.get(task_id, owner_id=owner_id)

    async def reclaim_expired(self, *, everything: bool = False) -> builtins.list[Task]:
        """Return the tasks whose lease had expired, now queued or failed.

        `everything` reclaims all running tasks: right only when no worker can be alive.
        """
        lost = transitions.reclaim(max_attempts=self._max_attempts, everything=everything)
        return await self._move_all(lost, slow=True)

    async def hold_unpublished(
        self, *, stale_seconds: float, grace_seconds: float = 0, limit: int = 100
    ) -> builtins.list[Task]:
        """Return due tasks that were never published, or last `stale_seconds` ago. The caller publishes them now.

        New tasks are left alone for `grace_seconds`: the process that created them is publishing them.
        """
        held = transitions.hold_unpublished(stale_seconds=stale_seconds, grace_seconds=grace_seconds, limit=limit)
        return await self._move_all(held, slow=True)

    async def mark_published(self, *task_ids: UUID) -> None:
        async with self._database.writing(slow=True) as connection:
            await connection.execute(transitions.mark_published(task_ids))

    async def replace_link(self, task_id: UUID, attempt: int, *, url: str, url_expires_at: datetime) -> bool:
        return (
            await self._move(transitions.replace_link(task_id, attempt, url=url, url_expires_at=url_expires_at))
            is not None
        )

    async def _moved(self, transition: Prepared) -> Row | None:
        """Return what the transition returns of the row; None if it did not happen."""
        async with self._database.updating() as connection:
            found = await connection.fetch(transition)
        return found[0] if found else None

    async def _move(self, transition: Update) -> Task | None:
        moved = await self._move_all(transition)
        return moved[0] if moved else None

    async def _move_all(self, transition: Update, *, slow: bool = False) -> builtins.list[Task]:
        async with self._database.writing(slow=slow) as connection:
            result = await connection.execute(transition.returning(*COLUMNS))
            return [task_from(row) for row in result.mappings()]
