"""Hints are heard by who follows the task, and by nobody else; without Redis nobody hears any and nothing breaks."""

import asyncio
import time
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import pytest

from core.ids import uuid7
from storage.redis.client import MEMORY, open_redis
from storage.redis.notifications import Hints
from tests.harness.proxy import Proxy

_SOON = 20.0


@pytest.fixture(params=[MEMORY, pytest.param("redis", marks=pytest.mark.needs("redis"))])
async def hints(request: pytest.FixtureRequest) -> AsyncIterator[Hints]:
    url = MEMORY if request.param == MEMORY else request.getfixturevalue("redis_url")
    async with open_redis(url) as redis:
        hints = Hints(redis, prefix=f"{uuid7()}:")
        yield hints
        await hints.finish_telling()


async def test_who_follows_a_task_hears_of_it(hints: Hints) -> None:
    mine, other, listener = uuid7(), uuid7(), hints.listener()
    assert await listener.hear([mine, other], seconds=0.1) is None
    hints.tell(mine)
    assert await listener.hear([mine, other], seconds=_SOON) == mine
    hints.tell(other)
    assert await listener.hear([mine, other], seconds=_SOON) == other
    await listener.close()


async def test_nobody_hears_of_what_they_do_not_follow(hints: Hints) -> None:
    mine, other, listener = uuid7(), uuid7(), hints.listener()
    assert await listener.hear([mine, other], seconds=0.1) is None
    assert await listener.hear([mine], seconds=0.1) is None
    hints.tell(other)
    assert await listener.hear([mine], seconds=0.3) is None
    await listener.close()


async def test_a_closed_listener_can_listen_again(hints: Hints) -> None:
    mine, listener = uuid7(), hints.listener()
    assert await listener.hear([mine], seconds=0.1) is None
    await listener.close()
    assert await listener.hear([mine], seconds=0.1) is None
    hints.tell(mine)
    assert await listener.hear([mine], seconds=_SOON) == mine
    await listener.close()


@pytest.mark.needs("redis")
async def test_without_redis_it_waits_and_hears_again_later(redis_url: str) -> None:
    parts = urlsplit(redis_url)
    proxy = Proxy(parts.hostname or "", parts.port or 0)
    await proxy.start()
    own = parts._replace(netloc=f"127.0.0.1:{proxy.port}").geturl()
    async with open_redis(own) as redis:
        hints = Hints(redis, prefix=f"{uuid7()}:")
        mine, listener = uuid7(), hints.listener()
        await proxy.cut()
        started = time.monotonic()
        assert await listener.hear([mine], seconds=0.3) is None
        assert time.monotonic() - started >= 0.3
        hints.tell(mine)  # is lost
        await hints.finish_telling()
        await proxy.start()
        heard = None
        while heard is None:
            heard = await listener.hear([mine], seconds=0.2)
            hints.tell(mine)
            await asyncio.sleep(0)
        assert heard == mine
        await hints.finish_telling()
        await listener.close()
    await proxy.cut()
