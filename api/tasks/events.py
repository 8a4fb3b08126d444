"""Events of a task, derived from its row: a client that connects late, or again, misses none of them.

Each has a number that grows with the task: 0 queued, 2n - 1 running for the n-th time, 2n queued again, 2n + 1 ended.
A row does not record between which claims it was queued again, so only a client that is connected then gets that event.
"""

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import datetime

from api.schemas import TaskEventView, TaskView
from api.tasks.links import Links
from api.tasks.watcher import TaskWatcher
from core.errors import DependencyUnavailable
from core.tasks import Task, TaskStatus
from storage import Storage

_SESSION_CHECK_SECONDS = 15.0
STREAM_SECONDS = 900.0  # then the client reconnects, with the number of its last event
IsOpen = Callable[[], Awaitable[bool]]  # whether the client's session or API key is still valid
Numbered = tuple[int, TaskEventView]


def transitions_of(task: Task) -> Iterator[Numbered]:
    def event(status: TaskStatus, attempt: int, at: datetime | None) -> TaskEventView:
        return TaskEventView(task_id=task.task_id, status=status, attempt=attempt, at=at)

    yield 0, event(TaskStatus.QUEUED, 0, task.created_at)
    for attempt in range(1, task.attempt + 1):
        yield 2 * attempt - 1, event(TaskStatus.RUNNING, attempt, task.started_at if attempt == task.attempt else None)
    if task.status is TaskStatus.QUEUED and task.attempt:
        yield 2 * task.attempt, event(TaskStatus.QUEUED, task.attempt, None)
    if task.status.is_final:
        yield 2 * task.attempt + 1, event(task.status, task.attempt, task.finished_at)


class Follower:
    """Streams the events of one task to one client."""

    def __init__(self, storage: Storage, watcher: TaskWatcher, links: Links, *, is_open: IsOpen) -> None:
        self._storage = storage
        self._watcher = watcher
        self._links = links
        self._is_open = is_open

    async def follow(self, task: Task, *, after: int) -> AsyncIterator[Numbered]:
        """Yield events after number `after`. Ends early if credential, task or a server is gone: clients reconnect."""
        deadline = time.monotonic() + STREAM_SECONDS
        try:
            while await self._is_open():
                for number, event in transitions_of(task):
                    if number > after:
                        after = number
                        yield number, await self._completed(event, task)
                if task.status.is_final or not await self._changed(task, deadline):
                    return
                found = await self._storage.tasks.get(task.task_id, owner_id=task.owner_id)
                if found is None:
                    return
                task = found
        except DependencyUnavailable:
            return

    async def _completed(self, event: TaskEventView, task: Task) -> TaskEventView:
        if not event.status.is_final:
            return event
        return event.model_copy(
            update={
                "task": TaskView.of(
                    await self._links.refresh(task), expires_at=self._links.expires_at(task.finished_at)
                )
            }
        )

    async def _changed(self, task: Task, deadline: float) -> bool:
        """Wait for a transition. Returns False at the deadline, and soon after session or key have ended."""
        while (left_seconds := deadline - time.monotonic()) > 0:
            if await self._watcher.changed(task, seconds=min(left_seconds, _SESSION_CHECK_SECONDS)):
                return True
            if self._watcher.is_stopping or not await self._is_open():
                return False
        return False
