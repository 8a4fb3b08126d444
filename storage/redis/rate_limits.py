"""Rate limits, counted over all processes. If the counts are lost, clients begin anew."""

import math
import time
from dataclasses import dataclass

from limits import RateLimitItemPerSecond
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import FixedWindowRateLimiter
from redis.asyncio import Redis

from storage.redis.client import MEMORY, bounded


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """At most `times` in a fixed window, which begins with the first time."""

    name: str
    times: int
    window_seconds: int

    @property
    def item(self) -> RateLimitItemPerSecond:
        return RateLimitItemPerSecond(self.times, self.window_seconds, namespace=self.name)


class LimitStore:
    def __init__(self, redis: Redis, *, url: str, prefix: str) -> None:
        # `limits` counts in Lua, which fakeredis does not run; its own memory storage replaces it.
        self._counters = MemoryStorage() if url == MEMORY else _redis_storage(redis, url, prefix)
        self._windows = FixedWindowRateLimiter(self._counters)

    async def wait_seconds(self, limit: Limit, client: str) -> int | None:
        """Return the seconds until the limit allows one more; None if it does now. Counts nothing."""
        async with bounded("look"):
            if await self._windows.test(limit.item, client):
                return None
            return await self._until_reset(limit, client)

    async def hit(self, limit: Limit, client: str) -> int | None:
        """Count one and return None; return the seconds to wait, and count nothing, if the limit is reached."""
        async with bounded("hit"):
            if await self._windows.hit(limit.item, client):
                return None
            return await self._until_reset(limit, client)

    async def forget(self, limit: Limit, client: str) -> None:
        """Reset the count."""
        async with bounded("forget"):
            await self._windows.clear(limit.item, client)

    async def _until_reset(self, limit: Limit, client: str) -> int:
        window = await self._windows.get_window_stats(limit.item, client)
        return max(1, math.ceil(window.reset_time - time.time()))


def _redis_storage(redis: Redis, url: str, prefix: str) -> RedisStorage:
    return RedisStorage(
        f"async+{url}",
        implementation="redispy",
        key_prefix=f"{prefix}limit",
        connection_pool=redis.connection_pool,  # type: ignore[arg-type]  # documented, missing in its annotations
    )
