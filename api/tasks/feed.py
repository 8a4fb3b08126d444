"""The events of all tasks, for many streams at once: one reader of the log in a process, which gives each its own."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

import structlog

from core.errors import DependencyUnavailable
from storage import EventPosition, LoggedEvent, TaskEventRepository

_SHORTEST_SECONDS = 0.1  # between reads, after an event …
_LONGEST_SECONDS = 0.5  # … and after a while without one
_SLOWER = 1.5
_BATCH = 1_000
_MAX_STREAMS = 2_000
_MAX_BEHIND = 1_000  # events that wait for a client; then it is asked to read its tasks anew
_log = structlog.get_logger(__name__)


class Missed(NamedTuple):
    """There were more events than were kept. `position` is that of the last one."""

    position: EventPosition


Item = LoggedEvent | Missed


@dataclass(eq=False, slots=True, kw_only=True)
class Subscription:
    """The events of one owner after `start`."""

    start: EventPosition
    _waiting: list[Item] = field(default_factory=list)
    _arrived: asyncio.Event = field(default_factory=asyncio.Event)

    def add(self, event: LoggedEvent) -> None:
        if len(self._waiting) >= _MAX_BEHIND or self._has_missed:
            self._waiting = [Missed(event.position)]
        else:
            self._waiting.append(event)
        self._arrived.set()

    @property
    def _has_missed(self) -> bool:
        return bool(self._waiting) and isinstance(self._waiting[0], Missed)

    def wake(self) -> None:
        self._arrived.set()

    async def receive(self, *, seconds: float) -> list[Item]:
        """Wait for events. Returns none after `seconds`, or when the process stops."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._arrived.wait()
        self._arrived.clear()
        received, self._waiting = self._waiting, []
        return received


class TaskFeed:
    """Reads the log only while there are streams."""

    def __init__(self, log: TaskEventRepository) -> None:
        self.log = log
        self.is_stopping = False
        self._streams = defaultdict[UUID, set[Subscription]](set)
        self._position: EventPosition | None = None
        self._starting = asyncio.Lock()
        self._needed = asyncio.Event()

    @property
    def streams(self) -> int:
        return sum(map(len, self._streams.values()))

    @property
    def has_room(self) -> bool:
        return self.streams < _MAX_STREAMS

    @asynccontextmanager
    async def subscribed(self, owner_id: UUID) -> AsyncIterator[Subscription]:
        """Receive the events of an owner from now on. Raises DependencyUnavailable."""
        with self._added(owner_id, Subscription(start=await self._start())) as subscription:
            yield subscription

    def stop(self) -> None:
        """End every stream, so that the process can stop without cutting responses off."""
        self.is_stopping = True
        for subscription in (each for streams in self._streams.values() for each in streams):
            subscription.wake()

    async def read_forever(self) -> None:
        pause_seconds = _SHORTEST_SECONDS
        while True:
            await self._needed.wait()
            await asyncio.sleep(pause_seconds)
            found = await self._read()
            pause_seconds = _SHORTEST_SECONDS if found else min(pause_seconds * _SLOWER, _LONGEST_SECONDS)

    async def _start(self) -> EventPosition:
        """Return the position of the reader, which is the newest if it has not been reading."""
        async with self._starting:
            if self._position is None:
                self._position = await self.log.newest()
                self._needed.set()
            return self._position

    @contextmanager
    def _added(self, owner_id: UUID, subscription: Subscription) -> Iterator[Subscription]:
        self._streams[owner_id].add(subscription)
        try:
            yield subscription
        finally:
            self._streams[owner_id].discard(subscription)
            if not self._streams[owner_id]:
                del self._streams[owner_id]

    async def _read(self) -> bool:
        """Give events to the streams. Return whether there were any."""
        async with self._starting:
            if self._position is None or not self._streams:
                self._position = None
                self._needed.clear()
                return False
            try:
                events = await self.log.after(self._position, limit=_BATCH)
            except DependencyUnavailable as error:
                _log.warning("events_unknown", detail=error.detail)
                return False
            for event in events:
                self._position = event.position
                for subscription in self._streams.get(event.owner_id, ()):
                    subscription.add(event)
        return bool(events)


@asynccontextmanager
async def open_feed(log: TaskEventRepository) -> AsyncIterator[TaskFeed]:
    feed = TaskFeed(log)
    reading = asyncio.create_task(feed.read_forever())
    try:
        yield feed
    finally:
        reading.cancel()
        with suppress(asyncio.CancelledError):
            await reading
