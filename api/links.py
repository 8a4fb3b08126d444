"""Presigned links that are still good when they arrive."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from core.tasks import Output, Task
from storage import Storage


class Links:
    """Signs anew what has lived through half of its time."""

    def __init__(self, storage: Storage, *, link_seconds: int) -> None:
        self._storage = storage
        self._margin = timedelta(seconds=link_seconds / 2)

    async def refresh(self, task: Task) -> Task:
        return replace(task, output=await self._fresh(task.output)) if task.output else task

    async def refresh_and_store(self, task: Task) -> Task:
        fresh = await self.refresh(task)
        if fresh.output and fresh.output != task.output:
            await self._storage.tasks.replace_link(
                task.task_id, task.attempt, url=fresh.output.url, url_expires_at=fresh.output.url_expires_at
            )
        return fresh

    async def _fresh(self, output: Output) -> Output:
        if output.url_expires_at - datetime.now(UTC) >= self._margin:
            return output
        link = await self._storage.objects.sign_get(output.key)
        return replace(output, url=link.url, url_expires_at=link.expires_at)
