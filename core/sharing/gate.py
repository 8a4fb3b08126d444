"""Hands out places: callers take turns, none of them gets all, and the service itself comes first."""

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from core.sharing.callers import SERVICE


class Gate:
    """`reserved` places are for the service alone; one caller has at most `share` of the others at a time."""

    def __init__(self, places: float, *, reserved: int = 0, share: int) -> None:
        self._free = places
        self._reserved = reserved
        self._share = share
        self._taken: Counter[str] = Counter()
        self._queues: dict[str, deque[asyncio.Future[None]]] = {}  # in the order of their turns

    @asynccontextmanager
    async def place(self, caller: str) -> AsyncIterator[None]:
        await self.take(caller)
        try:
            yield
        finally:
            self.give_back(caller)

    async def take(self, caller: str) -> None:
        """Waits for a turn, behind those of the same caller who came before."""
        if self.try_take(caller):
            return
        turn = asyncio.get_running_loop().create_future()
        self._queues.setdefault(caller, deque()).append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.cancelled():
                self._leave(caller, turn)
            else:  # the place came at the same moment
                self.give_back(caller)
            raise

    def try_take(self, caller: str) -> bool:
        """False: no place is free for this caller now."""
        if caller in self._queues or not self._has_place(caller):
            return False
        self._hand_out(caller)
        return True

    def give_back(self, caller: str) -> None:
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

    def _hand_out(self, caller: str) -> None:
        self._free -= 1
        self._taken[caller] += 1

    def _next(self) -> str | None:
        """Whose turn it is."""
        order = [SERVICE, *self._queues] if SERVICE in self._queues else self._queues
        return next((caller for caller in order if self._has_place(caller)), None)

    def _admit(self, caller: str) -> None:
        """The first who waits for this caller; the next one's turn comes after all others'."""
        queue = self._queues.pop(caller)
        turn = queue.popleft()
        if queue:
            self._queues[caller] = queue
        if not turn.cancelled():
            self._hand_out(caller)
            turn.set_result(None)

    def _leave(self, caller: str, turn: asyncio.Future[None]) -> None:
        queue = self._queues.get(caller, deque())
        if turn in queue:
            queue.remove(turn)
        if not queue:
            self._queues.pop(caller, None)
