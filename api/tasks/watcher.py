"""Watches for transitions that other processes make: by notifications from Redis, and by polling the database.

A notification arrives at once when a task ends, and may get lost. One poller a process finds every other transition.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import batched
from uuid import UUID

import structlog

from core.errors import DependencyUnavailable, Overloaded
from core.tasks import Task, TaskStatus
from storage import TaskNotifications, TaskRepository

_SHORTEST_SECONDS = 0.1  # between polls, after a transition or a new waiter …
_LONGEST_SECONDS = 0.5  # … and after a while without one
_SLOWER = 1.5
_ARRIVAL_SECONDS = 0.05  # after which a new waiter is subscribed
_BATCH = 500
_MAX_WAITING = 2_000
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

    def __init__(self, tasks: TaskRepository, notifications: TaskNotifications) -> None:
        self._tasks = tasks
        self._subscription = notifications.subscribe()
        self._waiters: set[_Waiter] = set()
        self._by_task = defaultdict[UUID, set[_Waiter]](set)
        self._arrived = asyncio.Event()
        self._stopping = False

    def check_room(self) -> None:
        if len(self._waiters) >= _MAX_WAITING:
            raise Overloaded("Too many requests are waiting for tasks. Poll the task without waiting instead.")

    async def changed(self, task: Task, *, seconds: float, only_end: bool = False) -> bool:
        """Wait until status or attempt differ from the given task's; False after `seconds`, or when the process stops.

        `only_end` ignores transitions that do not end the task.
        """
        if self._stopping:
            return False
        waiter = _Waiter(task_id=task.task_id, seen=(task.status, task.attempt), only_end=only_end)
        self._admit(waiter)
        try:
            async with asyncio.timeout(seconds):
                return await waiter.result
        except TimeoutError:
            return False
        finally:
            self._let_go(waiter)

    def stop(self) -> None:
        """End every wait, so that the process can stop without cutting responses off."""
        self._stopping = True
        for waiter in self._waiters:
            waiter.resolve(changed=False)

    async def poll(self) -> None:
        pause_seconds = _SHORTEST_SECONDS
        while True:
            if not self._waiters:
                await self._arrived.wait()
            busy = self._arrived.is_set()
            self._arrived.clear()
            await self._receive(seconds=0)  # subscribes before polling, so that no transition falls in between
            busy = await self._look() or busy
            pause_seconds = _SHORTEST_SECONDS if busy else min(pause_seconds * _SLOWER, _LONGEST_SECONDS)
            await self._listen(pause_seconds)

    async def close(self) -> None:
        await self._subscription.close()

    async def _listen(self, seconds: float) -> None:
        """Receive notifications until a new waiter arrives, or the next poll is due."""
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        while self._waiters and not self._arrived.is_set() and (left_seconds := until - loop.time()) > 0:
            await self._receive(seconds=min(left_seconds, _ARRIVAL_SECONDS))

    async def _receive(self, *, seconds: float) -> None:
        ended = await self._subscription.receive(self._by_task.keys(), seconds=seconds)
        for waiter in self._by_task.get(ended, ()) if ended else ():
            waiter.resolve(changed=True)

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
        told = False
        try:
            for waiters in batched(tuple(self._waiters), _BATCH):
                told = await self._look_for(waiters) or told
        except DependencyUnavailable as error:
            _log.warning("transitions_unknown", detail=error.detail)
        return told

    async def _look_for(self, waiters: Sequence[_Waiter]) -> bool:
        positions = await self._tasks.positions({waiter.task_id for waiter in waiters})
        changed = [waiter for waiter in waiters if waiter.waits_for(positions.get(waiter.task_id))]
        for waiter in changed:
            waiter.resolve(changed=True)
        return bool(changed)


@asynccontextmanager
async def open_watcher(tasks: TaskRepository, notifications: TaskNotifications) -> AsyncIterator[TaskWatcher]:
    watcher = TaskWatcher(tasks, notifications)
    polling = asyncio.create_task(watcher.poll())
    try:
        yield watcher
    finally:
        polling.cancel()
        await asyncio.wait({polling})
        await watcher.close()
