"""What is kept in Redis, opened as storage opens it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from storage.redis.client import open_redis
from storage.redis.locks import Locks
from storage.redis.rate_limits import LimitStore
from storage.redis.sessions import SessionStore


@asynccontextmanager
async def open_sessions(
    url: str, *, prefix: str, idle_seconds: int, absolute_seconds: int
) -> AsyncIterator[SessionStore]:
    async with open_redis(url) as redis:
        yield SessionStore(redis, prefix=prefix, idle_seconds=idle_seconds, absolute_seconds=absolute_seconds)


@asynccontextmanager
async def open_counts(url: str, *, prefix: str) -> AsyncIterator[tuple[LimitStore, Locks]]:
    async with open_redis(url) as redis:
        yield LimitStore(redis, url=url, prefix=prefix), Locks(redis, prefix=prefix)
