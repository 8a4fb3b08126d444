"""Retries operations while a server is unavailable, so that its outage does not cost a task an attempt."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from core.errors import DependencyUnavailable
from core.retries import backoff_seconds

_RETRY_SECONDS = 60.0
_log = structlog.get_logger()


async def retry_while_unavailable[T](operation: Callable[[], Awaitable[T]]) -> T:
    """Retry for up to 60 s. Raises DependencyUnavailable after that; a lost lease or a drain may cancel it earlier."""
    loop = asyncio.get_running_loop()
    give_up_at, failures = loop.time() + _RETRY_SECONDS, 0
    while True:
        try:
            return await operation()
        except DependencyUnavailable as error:
            failures += 1
            if loop.time() > give_up_at:
                raise
            if failures == 1:
                _log.warning("waiting_for_dependency", dependency=error.dependency, detail=error.detail)
        await asyncio.sleep(backoff_seconds(min(failures, 4), base_seconds=0.5))
