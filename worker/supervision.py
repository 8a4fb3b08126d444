"""Parts that run as long as the worker: when one of them ends early, the worker reports itself broken."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import structlog

_log = structlog.get_logger()
type GiveUp = Callable[[], None]


@asynccontextmanager
async def supervised(work: Coroutine[Any, Any, None], *, part: str, give_up: GiveUp) -> AsyncIterator[None]:
    """Run `work` while the body runs. Should it end earlier, log it and call `give_up`."""
    task = asyncio.create_task(work, name=part)
    task.add_done_callback(lambda ended: _report_end(ended, give_up))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})


def _report_end(ended: asyncio.Task[None], give_up: GiveUp) -> None:
    if not ended.cancelled():
        _log.error("worker_broken", part=ended.get_name(), exc_info=ended.exception())
        give_up()
