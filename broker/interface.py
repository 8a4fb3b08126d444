"""What a broker promises, whichever it is. tests/contract/queue/test_broker.py holds every implementation to it."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from core.messages import TaskQueued


class Delivery(Protocol):
    """One message on loan: settle it once. One that is never settled comes again, marked as redelivered."""

    @property
    def message(self) -> TaskQueued: ...

    @property
    def redelivered(self) -> bool:
        """Whoever had it before lost it or gave it back."""
        ...

    @property
    def trace_context(self) -> str | None:
        """As it was published: the W3C traceparent of who published."""
        ...

    async def ack(self) -> None: ...

    async def requeue(self) -> None: ...

    async def reject(self) -> None:
        """Move it to the dead-letter queue."""
        ...


class Subscription(Protocol):
    def __aiter__(self) -> AsyncIterator[Delivery]: ...

    async def __anext__(self) -> Delivery: ...

    async def stop(self) -> None:
        """End the iteration and return what was not handed out yet. What was can still be settled until the exit."""
        ...


class Broker(Protocol):
    @property
    def durable(self) -> bool:
        """False: a restart of this process forgets what was published."""
        ...

    @property
    def is_consuming(self) -> bool:
        """Whether a subscription would get what is published now."""
        ...

    async def publish(self, message: TaskQueued, *, trace_context: str | None = None) -> None:
        """Return once the broker has it. Raises DependencyUnavailable within two seconds."""
        ...

    def subscribe(self, *, prefetch: int) -> AbstractAsyncContextManager[Subscription]:
        """Never more than `prefetch` unsettled deliveries; goes on by itself when the broker comes back."""
        ...

    async def depth(self) -> int:
        """How many messages wait for somebody to take them. Raises DependencyUnavailable within two seconds."""
        ...

    async def check(self) -> None:
        """Raises DependencyUnavailable within two seconds."""
        ...
