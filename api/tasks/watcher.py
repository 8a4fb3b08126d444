"""Watches for transitions that other processes make: by notifications that tasks ended, and by polling the database.

A notification arrives at once, and may get lost. One poller a process finds every other transition, and what was lost.
"""

import asyncio
from collections import OrderedDict, defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from itertools import batched
from uuid import UUID

import structlog

from core.errors import DependencyUnavailable
from core.tasks import Task, TaskStatus
from storage import Notifications, TaskRepository

_SHORTEST_SECONDS = 0.1  # between polls, after a transition or a new waiter …
_LONGEST_SECONDS = 0.5  # … and after a while without one
_SLOWER = 1.5
_BATCH = 500
_MAX_WAITING = 2_000
_MAX_ENDED = 4_096
_log = structlog.get_logger(__name__)


@dataclass(eq=False, slots=True, kw_only=True)
class _Waiter:
    task_id: UUID
    seen: tuple[TaskStatus, int]
    only_end: bool
    result: asyncio.Future[bool] = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    def waits_for(self, position: tuple[TaskStatus, int] | None) -> bool:
        """Return whether this position ends the wait. `position` is status and attempt; None: the task was deleted."""
        return position != self.seen and (not self.only_end or position is None or position[0].is_final)

    def resolve(self, *, changed: bool) -> None:
        if not self.result.done():
            self.result.set_result(changed)


class TaskWatcher:
    """Lets requests wait for transitions. Polls only while somebody waits, and holds no database connection."""

    def __init__(self, tasks: TaskRepository) -> None:
        self._tasks = tasks
        self._waiters: set[_Waiter] = set()
        self._by_task = defaultdict[UUID, set[_Waiter]](set)
        self._ended: OrderedDict[UUID, None] = OrderedDict()  # tasks that ended a moment ago, before anybody waited
        self._arrived = asyncio.Event()
        self.is_stopping = False

    @property
    def waiting(self) -> int:
        return len(self._waiters)

    @property
    def has_room(self) -> bool:
        return self.waiting < _MAX_WAITING

    async def changed(self, task: Task, *, seconds: float, only_end: bool = False) -> bool:
        """Wait until status or attempt differ from the given task's; False after `seconds`, or when the process stops.

        `only_end` ignores transitions that do not end the task.
        """
        if self.is_stopping:
            return False
        if task.task_id in self._ended:
            del self._ended[task.task_id]
            return True
        waiter = _Waiter(task_id=task.task_id, seen=(task.status, task.attempt), only_end=only_end)
        self._admit(waiter)
        try:
            async with asyncio.timeout(seconds):
                return await waiter.result
        except TimeoutError:
            return False
        finally:
            self._let_go(waiter)

    def end(self, task_id: UUID) -> None:
        """Receive a notification. It may come between the read of a row and the wait for its change."""
        if task_id not in self._by_task:
            self._ended[task_id] = None
            if len(self._ended) > _MAX_ENDED:
                self._ended.popitem(last=False)
        for waiter in self._by_task.get(task_id, ()):
            waiter.resolve(changed=True)

    def stop(self) -> None:
        """End every wait, so that the process can stop without cutting responses off."""
        self.is_stopping = True
        for waiter in self._waiters:
            waiter.resolve(changed=False)

    async def poll(self) -> None:
        pause_seconds = _SHORTEST_SECONDS
        while True:
            if not self._waiters:
                await self._arrived.wait()
            if self._arrived.is_set():
                self._arrived.clear()
                pause_seconds = self._shortest_pause()
            await asyncio.sleep(pause_seconds)
            found = await self._look()
            pause_seconds = self._shortest_pause() if found else min(pause_seconds * _SLOWER, _LONGEST_SECONDS)

    def _shortest_pause(self) -> float:
        """Ends are also notified: for them alone, polls only find what was lost."""
        return _LONGEST_SECONDS if all(waiter.only_end for waiter in self._waiters) else _SHORTEST_SECONDS

    def _admit(self, waiter: _Waiter) -> None:
        self._waiters.add(waiter)
        self._by_task[waiter.task_id].add(waiter)
        self._arrived.set()

    def _let_go(self, waiter: _Waiter) -> None:
        self._waiters.discard(waiter)
        others = self._by_task[waiter.task_id]
        others.discard(waiter)
        if not others:
            del self._by_task[waiter.task_id]

    async def _look(self) -> bool:
        """Poll the positions of all tasks that are waited for. Return whether one had changed."""
        found = False
        try:
            for waiters in batched(tuple(self._waiters), _BATCH):
                found = await self._look_for(waiters) or found
        except DependencyUnavailable as error:
            _log.warning("transitions_unknown", detail=error.detail)
        return found

    async def _look_for(self, waiters: Sequence[_Waiter]) -> bool:
        positions = await self._tasks.positions({waiter.task_id for waiter in waiters})
        changed = [waiter for waiter in waiters if waiter.waits_for(positions.get(waiter.task_id))]
        for waiter in changed:
            waiter.resolve(changed=True)
        return bool(changed)


@asynccontextmanager
async def open_watcher(tasks: TaskRepository, notifications: Notifications) -> AsyncIterator[TaskWatcher]:
    watcher = TaskWatcher(tasks)
    async with notifications.subscribed(watcher.end):
        polling = asyncio.create_task(watcher.poll())
        try:
            yield watcher
        finally:
            polling.cancel()
            with suppress(asyncio.CancelledError):
                await polling
