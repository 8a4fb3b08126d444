"""What runs for as long as the worker does: when a part of it ends, the worker is no use any more and says so."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import structlog

_log = structlog.get_logger()
type GiveUp = Callable[[], None]


@asynccontextmanager
async def beside(work: Coroutine[Any, Any, None], *, part: str, give_up: GiveUp) -> AsyncIterator[None]:
    """Runs as long as the body does. Should it end earlier, the worker is no use any more."""
    task = asyncio.create_task(work, name=part)
    task.add_done_callback(lambda ended: _judge(ended, give_up))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})


def _judge(ended: asyncio.Task[None], give_up: GiveUp) -> None:
    if not ended.cancelled():
        _log.error("worker_broken", part=ended.get_name(), exc_info=ended.exception())
        give_up()
