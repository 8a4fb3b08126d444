"""Notifications that a task has ended. If they are lost, waiting clients find out later, by polling."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from uuid import UUID

from redis.asyncio import Redis

from core.errors import DependencyUnavailable
from storage.redis.client import bounded, translated

_MAX_PUBLISHING = 1_000  # at a time, while Redis is frozen; further ones are dropped, and clients find out by polling
_IDLE_SECONDS = 30.0  # without a message, after which the subscription is renewed: the connection may be dead
_RETRY_SECONDS = 1.0

Callback = Callable[[UUID], None]


class TaskNotifications:
    """Notifies this process directly, and others through one channel of Redis; without Redis there are no others."""

    def __init__(self, redis: Redis | None, *, prefix: str) -> None:
        self._redis = redis
        self._channel = f"{prefix}ended"
        self._callbacks: set[Callback] = set()
        self._publishing: set[asyncio.Task[None]] = set()

    def notify(self, task_id: UUID) -> None:
        """Report the end of a task. Publishes in the background; errors are dropped."""
        self._deliver(task_id)
        if self._redis and len(self._publishing) < _MAX_PUBLISHING:
            task = asyncio.create_task(self._publish(self._redis, task_id))
            self._publishing.add(task)
            task.add_done_callback(self._publishing.discard)

    @asynccontextmanager
    async def subscribed(self, callback: Callback) -> AsyncIterator[None]:
        """Call `callback` with each task that ends, in whichever process, perhaps more than once."""
        self._callbacks.add(callback)
        receiving = asyncio.create_task(self._receive(self._redis)) if self._redis else None
        try:
            yield
        finally:
            self._callbacks.discard(callback)
            if receiving:
                receiving.cancel()
                await asyncio.wait({receiving})

    async def finish_publishing(self) -> None:
        if self._publishing:
            await asyncio.wait(self._publishing)

    def _deliver(self, task_id: UUID) -> None:
        for callback in tuple(self._callbacks):
            callback(task_id)

    async def _publish(self, redis: Redis, task_id: UUID) -> None:
        with suppress(DependencyUnavailable):
            async with bounded("publish"):
                await redis.publish(self._channel, task_id.bytes)

    async def _receive(self, redis: Redis) -> None:
        while True:
            try:
                with translated():
                    await self._receive_until_idle(redis)
            except DependencyUnavailable:
                await asyncio.sleep(_RETRY_SECONDS)

    async def _receive_until_idle(self, redis: Redis) -> None:
        async with redis.pubsub(ignore_subscribe_messages=True) as pubsub:
            await pubsub.subscribe(self._channel)
            until = asyncio.get_running_loop().time() + _IDLE_SECONDS
            while (left_seconds := until - asyncio.get_running_loop().time()) > 0:
                if message := await pubsub.get_message(timeout=left_seconds):
                    until = asyncio.get_running_loop().time() + _IDLE_SECONDS
                    self._deliver(UUID(bytes=message["data"]))
