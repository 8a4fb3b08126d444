"""Notifications between processes, such as that a task has ended. They may be lost: receivers also poll."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from uuid import UUID

from redis.asyncio import Redis

from core.errors import DependencyUnavailable
from storage.redis.client import bounded, translated

_MAX_PUBLISHING = 1_000  # at a time, while Redis is frozen; further ones are dropped
_IDLE_SECONDS = 30.0  # without a message, after which the subscription is renewed: the connection may be dead
_RETRY_SECONDS = 1.0

Callback = Callable[[UUID], None]


class Notifications:
    """Notifies this process directly, and others through one channel of Redis; without Redis there are no others."""

    def __init__(self, redis: Redis | None, *, channel: str) -> None:
        self._redis = redis
        self._channel = channel
        self._callbacks: set[Callback] = set()
        self._publishing: set[asyncio.Task[None]] = set()

    def notify(self, subject_id: UUID) -> None:
        """Report that a task has ended, or what else the channel is for. Publishes in the background, drops errors."""
        self._deliver(subject_id)
        if self._redis and len(self._publishing) < _MAX_PUBLISHING:
            task = asyncio.create_task(self._publish(self._redis, subject_id))
            self._publishing.add(task)
            task.add_done_callback(self._publishing.discard)

    @asynccontextmanager
    async def subscribed(self, callback: Callback) -> AsyncIterator[None]:
        """Call `callback` with each id that any process notifies of, perhaps more than once."""
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

    def _deliver(self, subject_id: UUID) -> None:
        for callback in tuple(self._callbacks):
            callback(subject_id)

    async def _publish(self, redis: Redis, subject_id: UUID) -> None:
        with suppress(DependencyUnavailable):
            async with bounded("publish"):
                await redis.publish(self._channel, subject_id.bytes)

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
