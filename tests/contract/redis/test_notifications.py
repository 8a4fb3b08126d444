"""Notifications reach the subscribers of all processes. Without Redis none arrive, and nothing breaks."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from urllib.parse import urlsplit
from uuid import UUID

import pytest

from core.ids import uuid7
from storage.redis.client import open_redis
from storage.redis.notifications import Notifications
from tests.harness.proxy import Proxy

pytestmark = pytest.mark.timeout(120)


class Inbox:
    def __init__(self) -> None:
        self.ended: list[UUID] = []

    async def wait_for(self, task_id: UUID, *, asking: Notifications) -> None:
        """Repeats the notification, since a subscription takes effect some time after it was made."""
        while task_id not in self.ended:
            asking.notify(task_id)
            await asyncio.sleep(0.02)


async def test_this_process_is_notified_at_once() -> None:
    notifications, inbox, task_id = Notifications(None, channel=""), Inbox(), uuid7()
    async with notifications.subscribed(inbox.ended.append):
        notifications.notify(task_id)
        assert inbox.ended == [task_id]
    notifications.notify(task_id)
    assert inbox.ended == [task_id]


@pytest.fixture
async def processes(redis_url: str) -> AsyncIterator[tuple[Notifications, Notifications]]:
    """Two processes with the same prefix."""
    prefix = f"{uuid7()}:"
    async with AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(open_redis(redis_url)) for _ in range(2)]
        one, other = [Notifications(redis, channel=f"{prefix}ended") for redis in clients]
        stack.push_async_callback(one.finish_publishing)
        stack.push_async_callback(other.finish_publishing)
        yield one, other


@pytest.mark.needs("redis")
async def test_other_processes_are_notified(processes: tuple[Notifications, Notifications]) -> None:
    worker, api = processes
    inbox = Inbox()
    async with api.subscribed(inbox.ended.append):
        await inbox.wait_for(uuid7(), asking=worker)
        task_id = uuid7()
        await inbox.wait_for(task_id, asking=worker)
    count = len(inbox.ended)
    worker.notify(task_id)
    await worker.finish_publishing()
    assert len(inbox.ended) == count


@pytest.mark.needs("redis")
async def test_a_prefix_is_a_deployment(redis_url: str, processes: tuple[Notifications, Notifications]) -> None:
    worker, api = processes
    inbox, foreign, mine = Inbox(), uuid7(), uuid7()
    async with open_redis(redis_url) as redis, api.subscribed(inbox.ended.append):
        other_user = Notifications(redis, channel=f"{uuid7()}:ended")
        await inbox.wait_for(mine, asking=worker)
        other_user.notify(foreign)
        await other_user.finish_publishing()
        await inbox.wait_for(uuid7(), asking=worker)
    assert foreign not in inbox.ended


@pytest.mark.needs("redis")
async def test_after_redis_was_gone_notifications_arrive_again(redis_url: str) -> None:
    parts = urlsplit(redis_url)
    proxy = Proxy(parts.hostname or "", parts.port or 0)
    await proxy.start()
    through = parts._replace(netloc=f"127.0.0.1:{proxy.port}").geturl()
    prefix, inbox = f"{uuid7()}:", Inbox()
    async with open_redis(redis_url) as direct, open_redis(through) as cut:
        worker, api = Notifications(direct, channel=prefix), Notifications(cut, channel=prefix)
        async with api.subscribed(inbox.ended.append):
            await inbox.wait_for(uuid7(), asking=worker)
            await proxy.cut()
            api.notify(uuid7())  # reaches nobody else, and raises nothing
            await api.finish_publishing()
            await proxy.start()
            await inbox.wait_for(uuid7(), asking=worker)
        await worker.finish_publishing()
    await proxy.cut()
