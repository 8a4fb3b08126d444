"""Notifications reach who subscribed to the task, and nobody else. Without Redis none arrive, and nothing breaks."""

import asyncio
import time
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import pytest

from core.ids import uuid7
from storage.redis.client import MEMORY, open_redis
from storage.redis.notifications import TaskNotifications
from tests.harness.proxy import Proxy

_SOON = 20.0


@pytest.fixture(params=[MEMORY, pytest.param("redis", marks=pytest.mark.needs("redis"))])
async def notifications(request: pytest.FixtureRequest) -> AsyncIterator[TaskNotifications]:
    url = MEMORY if request.param == MEMORY else request.getfixturevalue("redis_url")
    async with open_redis(url) as redis:
        publisher = TaskNotifications(redis, prefix=f"{uuid7()}:")
        yield publisher
        await publisher.finish_publishing()


async def test_who_follows_a_task_hears_of_it(notifications: TaskNotifications) -> None:
    mine, other, listener = uuid7(), uuid7(), notifications.subscribe()
    assert await listener.receive([mine, other], seconds=0.1) is None
    notifications.notify(mine)
    assert await listener.receive([mine, other], seconds=_SOON) == mine
    notifications.notify(other)
    assert await listener.receive([mine, other], seconds=_SOON) == other
    await listener.close()


async def test_nobody_hears_of_what_they_do_not_follow(notifications: TaskNotifications) -> None:
    mine, other, listener = uuid7(), uuid7(), notifications.subscribe()
    assert await listener.receive([mine, other], seconds=0.1) is None
    assert await listener.receive([mine], seconds=0.1) is None
    notifications.notify(other)
    assert await listener.receive([mine], seconds=0.3) is None
    await listener.close()


async def test_a_closed_listener_can_listen_again(notifications: TaskNotifications) -> None:
    mine, listener = uuid7(), notifications.subscribe()
    assert await listener.receive([mine], seconds=0.1) is None
    await listener.close()
    assert await listener.receive([mine], seconds=0.1) is None
    notifications.notify(mine)
    assert await listener.receive([mine], seconds=_SOON) == mine
    await listener.close()


@pytest.mark.needs("redis")
async def test_without_redis_it_waits_and_hears_again_later(redis_url: str) -> None:
    parts = urlsplit(redis_url)
    proxy = Proxy(parts.hostname or "", parts.port or 0)
    await proxy.start()
    own = parts._replace(netloc=f"127.0.0.1:{proxy.port}").geturl()
    async with open_redis(own) as redis:
        notifications = TaskNotifications(redis, prefix=f"{uuid7()}:")
        mine, listener = uuid7(), notifications.subscribe()
        await proxy.cut()
        started = time.monotonic()
        assert await listener.receive([mine], seconds=0.3) is None
        assert time.monotonic() - started >= 0.3
        notifications.notify(mine)  # is lost
        await notifications.finish_publishing()
        await proxy.start()
        heard = None
        while heard is None:
            heard = await listener.receive([mine], seconds=0.2)
            notifications.notify(mine)
            await asyncio.sleep(0)
        assert heard == mine
        await notifications.finish_publishing()
        await listener.close()
    await proxy.cut()
