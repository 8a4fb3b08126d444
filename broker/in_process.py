"""The in-memory twin: the same promises without a server, but for what a restart forgets."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import structlog

from core.messages import TaskQueued
from core.telemetry import DEAD_LETTERS

_log = structlog.get_logger()
_DEAD_LETTERS_KEPT = 100_000


@asynccontextmanager
async def connect_in_process(_url: str, _queue: str) -> AsyncIterator["InProcessBroker"]:
    yield InProcessBroker()


@dataclass(frozen=True, slots=True, eq=False)
class Letter:
    body: bytes
    redelivered: bool = False
    trace_context: str | None = None


class InProcessBroker:
    durable = False

    def __init__(self) -> None:
        self.dead_letters: deque[bytes] = deque(maxlen=_DEAD_LETTERS_KEPT)
        self._ready: deque[Letter] = deque()
        self._changed = asyncio.Condition()
        self._subscriptions = 0

    @property
    def is_consuming(self) -> bool:
        return self._subscriptions > 0

    async def publish(self, message: TaskQueued, *, trace_context: str | None = None) -> None:
        await self.put(Letter(message.encode(), trace_context=trace_context))

    async def put(self, *letters: Letter) -> None:
        """Append to the queue, whatever they hold: on a real broker anybody may write into it."""
        async with self._changed:
            self._ready.extend(letters)
            self._changed.notify_all()

    async def take(self, subscription: "_Subscription") -> "_Delivery | None":
        """Wait for a letter that the subscription may have; None once it stopped."""
        async with self._changed:
            while not subscription.stopped:
                if self._ready and subscription.has_room:
                    return self._hand_out(subscription)
                await self._changed.wait()
        return None

    async def wake(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    def bury(self, letter: Letter) -> None:
        self.dead_letters.append(letter.body)
        DEAD_LETTERS.inc()

    def _hand_out(self, subscription: "_Subscription") -> "_Delivery | None":
        letter = self._ready.popleft()
        try:
            message = TaskQueued.decode(letter.body)
        except ValueError:
            self.bury(letter)
            _log.warning("message_undecodable", bytes=len(letter.body))
            return None
        subscription.unsettled.append(letter)
        return _Delivery(message=message, letter=letter, subscription=subscription)

    @asynccontextmanager
    async def subscribe(self, *, prefetch: int) -> AsyncIterator["_Subscription"]:
        subscription = _Subscription(self, prefetch=prefetch)
        self._subscriptions += 1
        try:
            yield subscription
        finally:
            self._subscriptions -= 1
            await subscription.close()

    async def depth(self) -> int:
        return len(self._ready)

    async def check(self) -> None:
        pass


class _Subscription:
    def __init__(self, broker: InProcessBroker, *, prefetch: int) -> None:
        self.stopped = False
        self.unsettled: list[Letter] = []
        self._broker = broker
        self._prefetch = prefetch

    @property
    def has_room(self) -> bool:
        return len(self.unsettled) < self._prefetch

    def __aiter__(self) -> "_Subscription":
        return self

    async def __anext__(self) -> "_Delivery":
        while not self.stopped:
            if delivery := await self._broker.take(self):
                return delivery
        raise StopAsyncIteration

    async def stop(self) -> None:
        self.stopped = True
        await self._broker.wake()

    async def close(self) -> None:
        await self.stop()
        letters, self.unsettled = self.unsettled, []
        await self._broker.put(*(replace(letter, redelivered=True) for letter in letters))

    async def settle(self, letter: Letter, *, requeue: bool = False, bury: bool = False) -> None:
        if letter not in self.unsettled:
            _log.info("delivery_settled_too_late")
            return
        self.unsettled.remove(letter)
        if bury:
            self._broker.bury(letter)
        await self._broker.put(*[replace(letter, redelivered=True)] * requeue)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Delivery:
    message: TaskQueued
    letter: Letter
    subscription: _Subscription

    @property
    def redelivered(self) -> bool:
        return self.letter.redelivered

    @property
    def trace_context(self) -> str | None:
        return self.letter.trace_context

    async def ack(self) -> None:
        await self.subscription.settle(self.letter)

    async def requeue(self) -> None:
        await self.subscription.settle(self.letter, requeue=True)

    async def reject(self) -> None:
        await self.subscription.settle(self.letter, bury=True)
