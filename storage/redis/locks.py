"""Advisory locks in Redis, to reject concurrent requests early. Losing one harms nothing."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from redis.asyncio import Redis

from core.errors import DependencyUnavailable
from storage.redis.client import bounded

_EXPIRY_SECONDS = 15  # of the lock of a killed process
_RENEW_SECONDS = 5.0


class Locks:
    """Locks that only save work: a constraint in the database protects the same invariant."""

    def __init__(self, redis: Redis, *, prefix: str) -> None:
        self._redis = redis
        self._prefix = f"{prefix}reservation:"

    @asynccontextmanager
    async def held(self, name: str) -> AsyncIterator[bool]:
        """Yield whether the lock was acquired; it is renewed until the block ends."""
        key = self._prefix + name
        async with bounded("acquire"):
            is_acquired = bool(await self._redis.set(key, b"", ex=_EXPIRY_SECONDS, nx=True))
        if not is_acquired:
            yield False
            return
        renewing = asyncio.create_task(self._renew(key))
        try:
            yield True
        finally:
            renewing.cancel()
            with suppress(DependencyUnavailable):  # it expires by itself
                async with bounded("release"):
                    await self._redis.delete(key)

    async def _renew(self, key: str) -> None:
        while True:
            await asyncio.sleep(_RENEW_SECONDS)
            with suppress(DependencyUnavailable):
                async with bounded("renew"):
                    await self._redis.expire(key, _EXPIRY_SECONDS)
