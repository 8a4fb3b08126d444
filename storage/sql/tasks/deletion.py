"""Deletes tasks. The caller deletes the objects whose keys are returned."""

import builtins
from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from core.tasks import TaskStatus
from storage.sql.deletion import Removed, remove_tasks, retention_expired
from storage.sql.schema import tasks
from storage.sql.tasks.queries import TaskQueries


class TaskDeletion(TaskQueries):
    """Each method is one transaction."""

    async def delete(self, task_id: UUID, *, owner_id: UUID) -> builtins.list[str] | None:
        """Delete the row, whatever its status. Return the keys of objects to delete; None if not found."""
        owned = (tasks.c.task_id == task_id) & (tasks.c.owner_id == owner_id)
        async with self._database.writing() as connection:
            removed = await remove_tasks(connection, owned, limit=1)
        return removed.keys if removed.count else None

    async def delete_some(
        self, *, owner_id: UUID, statuses: Collection[TaskStatus], created_before: datetime | None, limit: int
    ) -> Removed:
        """Delete up to `limit` tasks of the owner in these states, if given only older ones, the oldest first."""
        chosen = (tasks.c.owner_id == owner_id) & tasks.c.status.in_(statuses)
        if created_before:
            chosen &= tasks.c.created_at < created_before
        async with self._database.writing() as connection:
            return await remove_tasks(connection, chosen, limit=limit)

    async def purge(self, *, retention_seconds: float, limit: int = 100) -> builtins.list[str]:
        """Delete up to `limit` tasks that ended `retention_seconds` ago. Return the keys of objects to delete."""
        async with self._database.writing(slow=True) as connection:
            expired = retention_expired(retention_seconds=retention_seconds)
            return (await remove_tasks(connection, expired, limit=limit)).keys
