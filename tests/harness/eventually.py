"""Waiting in a coroutine for what happens elsewhere, however long it takes there: pytest ends what hangs."""

import asyncio
from collections.abc import Awaitable, Callable

_LOOK_SECONDS = 0.05


async def eventually(look: Callable[[], Awaitable[bool]]) -> None:
    """Return once `look` is true."""
    while not await look():  # noqa: ASYNC110 - another process or server has no event to set
        await asyncio.sleep(_LOOK_SECONDS)
