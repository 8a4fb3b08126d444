"""Watches whether the event loop keeps time: whatever blocks it makes every request and every lease wait."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from core.telemetry import LOOP_LAG_SECONDS

_PAUSE_SECONDS = 0.25


@asynccontextmanager
async def watched_event_loop() -> AsyncIterator[None]:
    task = asyncio.create_task(_watch())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})


async def _watch() -> None:
    loop = asyncio.get_running_loop()
    while True:
        due_at = loop.time() + _PAUSE_SECONDS
        await asyncio.sleep(_PAUSE_SECONDS)
        LOOP_LAG_SECONDS.observe(max(0.0, loop.time() - due_at))
