"""The Redis client, bounded in time. Everything in Redis may be lost without harm to tasks."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import ConstantBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError

from core.errors import ConfigurationError, DependencyUnavailable
from core.telemetry import calling

MEMORY = "memory:"
_CONNECT_SECONDS = 1.5
_COMMAND_SECONDS = 2.0
_CALL_SECONDS = 4.0  # all commands of one method, with a retry; less than the 5 s that a request may take


@asynccontextmanager
async def open_redis(url: str) -> AsyncIterator[Redis]:
    """Open a client, without connecting yet. `memory:` keeps all data in this process, through the same client code."""
    redis = _client(url)
    try:
        yield redis
    finally:
        await redis.aclose()


def _client(url: str) -> Redis:
    if url == MEMORY:
        import fakeredis  # noqa: PLC0415 - 130 ms, which a service on Redis does not need

        return fakeredis.FakeAsyncRedis(server=fakeredis.FakeServer())
    if not url.startswith(("redis://", "rediss://")):
        raise ConfigurationError("DARKROOM_REDIS_URL must be `memory:`, or start with redis:// or rediss://.")
    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=50,
        timeout=_COMMAND_SECONDS,
        socket_connect_timeout=_CONNECT_SECONDS,
        socket_timeout=_COMMAND_SECONDS,
        # After a restart of Redis, retry once on a new connection. A timeout is not retried.
        retry=Retry(ConstantBackoff(0.05), 1, supported_errors=(RedisConnectionError,)),
    )
    return Redis.from_pool(pool)


@asynccontextmanager
async def bounded(call: str) -> AsyncIterator[None]:
    """Bound and measure one call, named in the metrics. Raises DependencyUnavailable for any error and after 4 s."""
    with calling("session_store", call), translated():
        async with asyncio.timeout(_CALL_SECONDS):
            yield


@contextmanager
def translated() -> Iterator[None]:
    """Raise errors of Redis as DependencyUnavailable."""
    try:
        yield
    except (RedisError, OSError) as error:  # TimeoutError is an OSError
        name = type(error).__name__
        raise DependencyUnavailable("session_store", f"The session store does not respond: {name}.") from error
