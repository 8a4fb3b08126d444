"""How often somebody may do something, counted over all processes. Losing the counts lets somebody begin anew."""

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
    """So many times in each window, which begins with the first time."""

    name: str
    times: int
    window_seconds: int

    @property
    def item(self) -> RateLimitItemPerSecond:
        return RateLimitItemPerSecond(self.times, self.window_seconds, namespace=self.name)


class LimitStore:
    def __init__(self, redis: Redis, *, url: str, prefix: str) -> None:
        # fakeredis runs no Lua, in which `limits` counts; its own memory storage stands in.
        self._counters = MemoryStorage() if url == MEMORY else _on(redis, url, prefix)
        self._windows = FixedWindowRateLimiter(self._counters)

    async def wait_seconds(self, limit: Limit, who: str) -> int | None:
        """None: there is room. Else in how many seconds there is."""
        async with bounded("look"):
            if await self._windows.test(limit.item, who):
                return None
            return await self._until_reset(limit, who)

    async def take(self, limit: Limit, who: str) -> int | None:
        """The same, and takes the room."""
        async with bounded("take"):
            if await self._windows.hit(limit.item, who):
                return None
            return await self._until_reset(limit, who)

    async def forget(self, limit: Limit, who: str) -> None:
        async with bounded("forget"):
            await self._windows.clear(limit.item, who)

    async def _until_reset(self, limit: Limit, who: str) -> int:
        window = await self._windows.get_window_stats(limit.item, who)
        return max(1, math.ceil(window.reset_time - time.time()))


def _on(redis: Redis, url: str, prefix: str) -> RedisStorage:
    return RedisStorage(
        f"async+{url}",
        implementation="redispy",
        key_prefix=f"{prefix}limit",
        connection_pool=redis.connection_pool,  # type: ignore[arg-type]  # documented, not in its hints
    )
