"""Tells two requests that come at the same time from one after the other. Losing a reservation harms nothing."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from redis.asyncio import Redis

from core.errors import DependencyUnavailable
from storage.redis.client import bounded

_SECONDS = 15  # how long the reservation of a killed process stays
_RENEW_SECONDS = 5.0


class Reservations:
    """What they guard has a constraint in the database as well: they only save work, and say so early."""

    def __init__(self, redis: Redis, *, prefix: str) -> None:
        self._redis = redis
        self._prefix = f"{prefix}reservation:"

    @asynccontextmanager
    async def held(self, name: str) -> AsyncIterator[bool]:
        """False: somebody else holds it."""
        key = self._prefix + name
        async with bounded("reserve"):
            mine = bool(await self._redis.set(key, b"", ex=_SECONDS, nx=True))
        if not mine:
            yield False
            return
        renewing = asyncio.create_task(self._renew(key))
        try:
            yield True
        finally:
            renewing.cancel()
            with suppress(DependencyUnavailable):  # it runs out by itself
                async with bounded("release"):
                    await self._redis.delete(key)

    async def _renew(self, key: str) -> None:
        while True:
            await asyncio.sleep(_RENEW_SECONDS)
            with suppress(DependencyUnavailable):
                async with bounded("renew"):
                    await self._redis.expire(key, _SECONDS)
