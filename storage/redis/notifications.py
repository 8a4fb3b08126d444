"""Notifications through Redis that a task has ended. Losing all of them costs waiting clients time, nothing else."""

import asyncio
from collections.abc import Collection, Iterable
from contextlib import suppress
from uuid import UUID

from redis.asyncio import Redis
from redis.asyncio.client import PubSub

from core.errors import DependencyUnavailable
from storage.redis.client import bounded, translated

_MAX_PUBLISHING = 1_000  # at a time, while Redis is frozen; further ones are dropped, and clients find out by polling
_SPARE_SECONDS = 0.5


class TaskNotifications:
    """Publishes on one channel a task, so that a process receives only what it subscribed to."""

    def __init__(self, redis: Redis, *, prefix: str) -> None:
        self._redis = redis
        self._prefix = f"{prefix}ended:"
        self._publishing: set[asyncio.Task[None]] = set()

    def notify(self, task_id: UUID) -> None:
        """Publish in the background that the task has ended. Errors are dropped."""
        if len(self._publishing) < _MAX_PUBLISHING:
            task = asyncio.create_task(self._publish(task_id))
            self._publishing.add(task)
            task.add_done_callback(self._publishing.discard)

    def subscribe(self) -> "Subscription":
        return Subscription(self._redis.pubsub(ignore_subscribe_messages=True), prefix=self._prefix)

    async def finish_publishing(self) -> None:
        if self._publishing:
            await asyncio.wait(self._publishing)

    async def _publish(self, task_id: UUID) -> None:
        with suppress(DependencyUnavailable):
            async with bounded("publish"):
                await self._redis.publish(f"{self._prefix}{task_id}", b"")


class Subscription:
    """Receives notifications over one connection, for one coroutine at a time."""

    def __init__(self, pubsub: PubSub, *, prefix: str) -> None:
        self._pubsub = pubsub
        self._prefix = prefix
        self._followed: set[UUID] = set()

    async def receive(self, task_ids: Collection[UUID], *, seconds: float) -> UUID | None:
        """Return the first of these tasks that ends within `seconds`, or None; without Redis always None."""
        until = asyncio.get_running_loop().time() + seconds
        try:
            async with asyncio.timeout(seconds + _SPARE_SECONDS):
                with translated():
                    await self._follow(set(task_ids))
                    return await self._next(until)
        except (DependencyUnavailable, TimeoutError):
            await self.close()
            await asyncio.sleep(max(0.0, until - asyncio.get_running_loop().time()))
            return None

    async def close(self) -> None:
        """Close the connection; the next `receive` opens it again."""
        self._followed.clear()
        with suppress(DependencyUnavailable), translated():
            await self._pubsub.aclose()  # type: ignore[no-untyped-call]

    async def _follow(self, task_ids: set[UUID]) -> None:
        if new := task_ids - self._followed:
            await self._pubsub.subscribe(*self._channels(new))
        if old := self._followed - task_ids:
            await self._pubsub.unsubscribe(*self._channels(old))
        self._followed = task_ids

    async def _next(self, until: float) -> UUID | None:
        """Skip replies to subscriptions."""
        while (left_seconds := until - asyncio.get_running_loop().time()) > 0:
            if message := await self._pubsub.get_message(timeout=left_seconds):
                return UUID(message["channel"].decode().removeprefix(self._prefix))
        return None

    def _channels(self, task_ids: Iterable[UUID]) -> list[str]:
        return [f"{self._prefix}{task_id}" for task_id in task_ids]
