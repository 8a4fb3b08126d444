"""What only a broker behind a network can do: be away, freeze, come back."""

import asyncio
import gc
import time
from collections.abc import AsyncIterator
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import aio_pika
import pytest

import broker as brokers
from broker.amqp_link import answering
from broker.interface import Broker
from core.errors import DependencyUnavailable
from core.messages import TaskQueued
from tests.contract.queue.brokers import until_it_answers
from tests.harness.proxy import Proxy
from tests.harness.scale import check_seconds, within

pytestmark = pytest.mark.needs("rabbitmq")


def a_message() -> TaskQueued:
    return TaskQueued(task_id=uuid4(), source_key=f"sources/{uuid4()}")


@pytest.fixture
async def proxy(amqp_url: str) -> AsyncIterator[Proxy]:
    parts = urlsplit(amqp_url)
    proxy = Proxy(parts.hostname or "", parts.port or 5672)
    await proxy.start()
    yield proxy
    await proxy.cut()


@pytest.fixture
async def broker(amqp_url: str, queue_name: str, proxy: Proxy) -> AsyncIterator[Broker]:
    async with brokers.connect(at_port(amqp_url, proxy.port), queue=queue_name) as broker:
        yield broker


def at_port(amqp_url: str, port: int) -> str:
    parts = urlsplit(amqp_url)
    return urlunsplit(parts._replace(netloc=f"{parts.username}:{parts.password}@127.0.0.1:{port}"))


async def fails(broker: Broker, *, most_seconds: float) -> None:
    with within(most_seconds), pytest.raises(DependencyUnavailable) as raised:
        await broker.publish(a_message())
    assert raised.value.dependency == "broker"


async def publish_eventually(broker: Broker, message: TaskQueued) -> None:
    while True:
        try:
            return await broker.publish(message)
        except DependencyUnavailable:
            await asyncio.sleep(0.05)


async def test_starts_without_the_broker_and_publishes_once_it_is_there(broker: Broker, proxy: Proxy) -> None:
    await proxy.cut()
    await fails(broker, most_seconds=2)
    await fails(broker, most_seconds=0.1)
    with pytest.raises(DependencyUnavailable):
        await broker.check()
    await proxy.start()
    await publish_eventually(broker, a_message())
    await until_it_answers(broker)


async def test_a_publish_to_a_frozen_broker_fails(broker: Broker, proxy: Proxy) -> None:
    await publish_eventually(broker, a_message())
    proxy.freeze()
    await fails(broker, most_seconds=2.1)
    await fails(broker, most_seconds=2.1)
    with pytest.raises(DependencyUnavailable):
        await broker.check()
    proxy.thaw()
    await publish_eventually(broker, a_message())


async def test_a_connection_that_breaks_while_publishing_is_no_cancellation(broker: Broker, proxy: Proxy) -> None:
    await publish_eventually(broker, a_message())
    proxy.freeze()
    publishing = asyncio.create_task(broker.publish(a_message()))
    await asyncio.sleep(0.2)
    await proxy.cut()
    with pytest.raises(DependencyUnavailable):
        await publishing


async def test_who_waits_on_a_channel_that_is_closed_loses_the_broker(amqp_url: str) -> None:
    """As an ack may: aiormq raises a plain Exception there if the server closed the connection."""
    async with await aio_pika.connect(amqp_url) as connection:
        channel = await (await connection.channel()).get_underlay_channel()
        waiting = channel.create_future()
        closing = asyncio.create_task(channel.connection.close(None))
        with pytest.raises(DependencyUnavailable):
            async with answering(60):
                await waiting
        await closing


async def test_a_cancelled_publish_stays_cancelled_and_leaves_the_connection(broker: Broker, proxy: Proxy) -> None:
    await publish_eventually(broker, a_message())
    proxy.freeze()
    publishing = asyncio.create_task(broker.publish(a_message()))
    await asyncio.sleep(0.1)
    publishing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await publishing
    proxy.thaw()
    await publish_eventually(broker, a_message())


async def test_a_subscription_survives_a_broker_that_went_away(broker: Broker, proxy: Proxy) -> None:
    async with broker.subscribe(prefetch=1) as subscription:
        await publish_eventually(broker, message := a_message())
        held = await anext(subscription)
        await proxy.cut()
        await held.ack()  # too late, and no error
        await proxy.start()
        again = await anext(subscription)
        assert (again.message, again.redelivered) == (message, True)
        await again.ack()
        await publish_eventually(broker, later := a_message())
        assert (await anext(subscription)).message == later


async def test_a_subscription_waits_for_a_broker_that_is_not_there_yet(broker: Broker, proxy: Proxy) -> None:
    await proxy.cut()
    async with broker.subscribe(prefetch=1) as subscription:
        waiting = asyncio.create_task(anext(subscription))
        await asyncio.sleep(0.5)
        await proxy.start()
        await publish_eventually(broker, message := a_message())
        assert (await waiting).message == message


async def test_leaving_a_frozen_broker_takes_no_longer_than_its_time_limit(broker: Broker, proxy: Proxy) -> None:
    async with broker.subscribe(prefetch=1) as subscription:
        await publish_eventually(broker, a_message())
        await anext(subscription)
        proxy.freeze()
        started = time.monotonic()
        await subscription.stop()
    check_seconds(time.monotonic() - started, most=5)


async def test_no_connection_is_left_to_the_garbage_collector(amqp_url: str, queue_name: str, proxy: Proxy) -> None:
    """aio-pika closes what is collected unclosed in a coroutine, which nobody awaits where no event loop runs."""
    gc.disable()
    try:
        async with brokers.connect(at_port(amqp_url, proxy.port), queue=queue_name) as broker:
            await publish_eventually(broker, a_message())
            proxy.freeze()
            with pytest.raises(DependencyUnavailable):  # closed without an answer
                await broker.publish(a_message())
            await proxy.cut()
            with pytest.raises(DependencyUnavailable):  # never open
                await broker.publish(a_message())
        assert unclosed(port=proxy.port) == []
    finally:
        gc.enable()


def unclosed(*, port: int) -> list[aio_pika.Connection]:
    found = (each for each in gc.get_objects() if type(each) is aio_pika.Connection)
    return [each for each in found if not each.is_closed and each.url.port == port]


async def test_who_publishes_declares_a_deleted_queue_again(broker: Broker, amqp_url: str, queue_name: str) -> None:
    await publish_eventually(broker, a_message())
    await delete_queue(amqp_url, queue_name)
    await publish_eventually(broker, a_message())
    assert await broker.depth() == 1


async def test_who_consumes_declares_a_deleted_queue_again(broker: Broker, amqp_url: str, queue_name: str) -> None:
    """Publishing waits: one time in thirty, RabbitMQ 3.10 ends no consumer of a queue that is back a moment later.

    Then the worker notices that tasks wait, and starts anew (worker/watchdog.py).
    """
    async with broker.subscribe(prefetch=1) as subscription:
        await publish_eventually(broker, a_message())
        await (await anext(subscription)).ack()
        await delete_queue(amqp_url, queue_name)
        while broker.is_consuming:  # noqa: ASYNC110 - there is no event for it
            await asyncio.sleep(0.01)
        await publish_eventually(broker, message := a_message())
        assert (await anext(subscription)).message == message


async def delete_queue(amqp_url: str, queue_name: str) -> None:
    async with await aio_pika.connect(amqp_url) as connection:
        await (await connection.channel()).queue_delete(queue_name)


async def test_the_queues_survive_a_restart_and_the_messages_too(
    broker: Broker, amqp_url: str, queue_name: str
) -> None:
    await publish_eventually(broker, a_message())
    async with await aio_pika.connect(amqp_url) as connection:
        channel = await connection.channel()
        incoming = await (await channel.declare_queue(queue_name, passive=True)).get(timeout=60)
        assert incoming.delivery_mode == aio_pika.DeliveryMode.PERSISTENT
        assert incoming.message_id
        await incoming.ack()
