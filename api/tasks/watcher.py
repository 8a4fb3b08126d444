"""Learns of transitions that other processes make, for all who wait here: by hints, and by asking the database.

A hint comes at once when a task ends, and may get lost. One poller a process finds out all else, and what was lost.
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
from storage import Hints, TaskRepository

_SHORTEST_SECONDS = 0.1  # after a transition, or when somebody begins to wait …
_LONGEST_SECONDS = 0.5  # … and when nothing has happened for a while
_SLOWER = 1.5
_ARRIVAL_SECONDS = 0.05  # whoever begins to wait is heeded after so long
_BATCH = 500
_MAX_WAITING = 2_000
_log = structlog.get_logger(__name__)


@dataclass(eq=False, slots=True, kw_only=True)
class _Waiter:
    task_id: UUID
    seen: tuple[TaskStatus, int]
    only_end: bool
    told: asyncio.Future[bool] = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    def waits_for(self, position: tuple[TaskStatus, int] | None) -> bool:
        """Status and attempt; None: the task is gone."""
        return position != self.seen and (not self.only_end or position is None or position[0].is_final)

    def tell(self, *, changed: bool) -> None:
        if not self.told.done():
            self.told.set_result(changed)


class Transitions:
    """Holds no connection to the database while waiting, and asks it nothing while nobody waits."""

    def __init__(self, tasks: TaskRepository, hints: Hints) -> None:
        self._tasks = tasks
        self._hints = hints.listener()
        self._waiters: set[_Waiter] = set()
        self._by_task = defaultdict[UUID, set[_Waiter]](set)
        self._arrived = asyncio.Event()
        self._stopping = False

    def check_room(self) -> None:
        if len(self._waiters) >= _MAX_WAITING:
            raise Overloaded("Too many requests wait for their tasks. Ask without waiting.")

    async def changed(self, task: Task, *, seconds: float, only_end: bool = False) -> bool:
        """Whether status or attempt may be others than the given task's. False: the time is over, or we are stopping.

        `only_end`: what does not end the task is of no interest.
        """
        if self._stopping:
            return False
        waiter = _Waiter(task_id=task.task_id, seen=(task.status, task.attempt), only_end=only_end)
        self._admit(waiter)
        try:
            async with asyncio.timeout(seconds):
                return await waiter.told
        except TimeoutError:
            return False
        finally:
            self._let_go(waiter)

    def stop(self) -> None:
        """Nobody waits any longer, so that the process can end without cutting answers off."""
        self._stopping = True
        for waiter in self._waiters:
            waiter.tell(changed=False)

    async def poll(self) -> None:
        pause_seconds = _SHORTEST_SECONDS
        while True:
            if not self._waiters:
                await self._arrived.wait()
            busy = self._arrived.is_set()
            self._arrived.clear()
            await self._hear(seconds=0)  # from now on, and then look, so that no end falls in between
            busy = await self._look() or busy
            pause_seconds = _SHORTEST_SECONDS if busy else min(pause_seconds * _SLOWER, _LONGEST_SECONDS)
            await self._listen(pause_seconds)

    async def close(self) -> None:
        await self._hints.close()

    async def _listen(self, seconds: float) -> None:
        """Until somebody begins to wait, or it is time to look again."""
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        while self._waiters and not self._arrived.is_set() and (left_seconds := until - loop.time()) > 0:
            await self._hear(seconds=min(left_seconds, _ARRIVAL_SECONDS))

    async def _hear(self, *, seconds: float) -> None:
        ended = await self._hints.hear(self._by_task.keys(), seconds=seconds)
        for waiter in self._by_task.get(ended, ()) if ended else ():
            waiter.tell(changed=True)

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
        """True: somebody was told."""
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
            waiter.tell(changed=True)
        return bool(changed)


@asynccontextmanager
async def watching(tasks: TaskRepository, hints: Hints) -> AsyncIterator[Transitions]:
    transitions = Transitions(tasks, hints)
    polling = asyncio.create_task(transitions.poll())
    try:
        yield transitions
    finally:
        polling.cancel()
        await asyncio.wait({polling})
        await transitions.close()
