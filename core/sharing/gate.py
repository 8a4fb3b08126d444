"""A semaphore that is fair to callers: they take turns, none holds all places, and the service itself comes first."""

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from core.sharing.callers import SERVICE


class Gate:
    """Grants `places`: `reserved` ones to the service only, and at most `share` of the others to one caller."""

    def __init__(self, places: float, *, reserved: int = 0, share: int) -> None:
        self._free = places
        self._reserved = reserved
        self._share = share
        self._taken: Counter[str] = Counter()
        self._queues: dict[str, deque[asyncio.Future[None]]] = {}  # in the order in which callers are served

    @property
    def waiting(self) -> int:
        """The number of requests that wait for a place."""
        return sum(map(len, self._queues.values()))

    @asynccontextmanager
    async def place(self, caller: str) -> AsyncIterator[None]:
        await self.acquire(caller)
        try:
            yield
        finally:
            self.release(caller)

    async def acquire(self, caller: str) -> None:
        """Wait for a place. Requests of one caller are served in their order."""
        if self.try_acquire(caller):
            return
        turn = asyncio.get_running_loop().create_future()
        self._queues.setdefault(caller, deque()).append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.cancelled():
                self._leave(caller, turn)
            else:  # the place was granted at the same moment
                self.release(caller)
            raise

    def try_acquire(self, caller: str) -> bool:
        """Acquire a place without waiting. Return False if none is free for this caller."""
        if caller in self._queues or not self._has_place(caller):
            return False
        self._grant(caller)
        return True

    def release(self, caller: str) -> None:
        self._free += 1
        self._taken[caller] -= 1
        if not self._taken[caller]:
            del self._taken[caller]
        while (following := self._next()) is not None:
            self._admit(following)

    def _has_place(self, caller: str) -> bool:
        if caller == SERVICE:
            return self._free > 0
        return self._free > self._reserved and self._taken[caller] < self._share

    def _grant(self, caller: str) -> None:
        self._free -= 1
        self._taken[caller] += 1

    def _next(self) -> str | None:
        """Return the caller whose turn it is, if any."""
        order = [SERVICE, *self._queues] if SERVICE in self._queues else self._queues
        return next((caller for caller in order if self._has_place(caller)), None)

    def _admit(self, caller: str) -> None:
        """Grant a place to the caller's first request and move the caller to the end of the order."""
        queue = self._queues.pop(caller)
        turn = queue.popleft()
        if queue:
            self._queues[caller] = queue
        if not turn.cancelled():
            self._grant(caller)
            turn.set_result(None)

    def _leave(self, caller: str, turn: asyncio.Future[None]) -> None:
        queue = self._queues.get(caller, deque())
        if turn in queue:
            queue.remove(turn)
        if not queue:
            self._queues.pop(caller, None)
