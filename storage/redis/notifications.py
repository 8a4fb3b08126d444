"""Hints through Redis that a task has ended, for whoever waits. Losing all of them costs time and nothing else."""

import asyncio
from collections.abc import Collection, Iterable
from contextlib import suppress
from uuid import UUID

from redis.asyncio import Redis
from redis.asyncio.client import PubSub

from core.errors import DependencyUnavailable
from storage.redis.client import bounded, translated

_MOST_TELLING = 1_000  # while Redis is frozen; the others look at their rows by themselves
_SPARE_SECONDS = 0.5


class Hints:
    """A channel for each task: nobody hears of tasks that they do not wait for."""

    def __init__(self, redis: Redis, *, prefix: str) -> None:
        self._redis = redis
        self._prefix = f"{prefix}ended:"
        self._telling: set[asyncio.Task[None]] = set()

    def tell(self, task_id: UUID) -> None:
        """Soon. The caller neither waits nor hears of what goes wrong."""
        if len(self._telling) < _MOST_TELLING:
            task = asyncio.create_task(self._publish(task_id))
            self._telling.add(task)
            task.add_done_callback(self._telling.discard)

    def listener(self) -> "Listener":
        return Listener(self._redis.pubsub(ignore_subscribe_messages=True), prefix=self._prefix)

    async def finish_telling(self) -> None:
        if self._telling:
            await asyncio.wait(self._telling)

    async def _publish(self, task_id: UUID) -> None:
        with suppress(DependencyUnavailable):
            async with bounded("publish"):
                await self._redis.publish(f"{self._prefix}{task_id}", b"")


class Listener:
    """One connection, for one coroutine at a time."""

    def __init__(self, pubsub: PubSub, *, prefix: str) -> None:
        self._pubsub = pubsub
        self._prefix = prefix
        self._followed: set[UUID] = set()

    async def hear(self, task_ids: Collection[UUID], *, seconds: float) -> UUID | None:
        """Which of these tasks ended, as soon as one is told of; None when the time is over. Without Redis it waits."""
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
        """Until it is used again."""
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
        """What comes first may only be the answer to a subscription."""
        while (left_seconds := until - asyncio.get_running_loop().time()) > 0:
            if message := await self._pubsub.get_message(timeout=left_seconds):
                return UUID(message["channel"].decode().removeprefix(self._prefix))
        return None

    def _channels(self, task_ids: Iterable[UUID]) -> list[str]:
        return [f"{self._prefix}{task_id}" for task_id in task_ids]
