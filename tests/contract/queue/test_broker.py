"""One suite over both brokers: whatever a worker relies on, each of them keeps."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from uuid import uuid4

import pytest
from prometheus_client import REGISTRY

import broker as brokers
from broker.in_process import InProcessBroker
from broker.interface import Broker, Delivery, Subscription
from core.errors import ConfigurationError, DependencyUnavailable
from core.messages import TaskQueued
from tests.contract.queue.brokers import Behind, BehindAmqp, BehindInProcess, until_it_answers


def a_message() -> TaskQueued:
    return TaskQueued(task_id=uuid4(), source_key=f"sources/{uuid4()}")


@pytest.fixture(params=["memory", "amqp"])
async def broker(request: pytest.FixtureRequest) -> AsyncIterator[Broker]:
    url = "memory:" if request.param == "memory" else request.getfixturevalue("amqp_url")
    queue = "unused" if request.param == "memory" else request.getfixturevalue("queue_name")
    async with brokers.connect(url, queue=queue) as broker:
        await until_it_answers(broker)
        yield broker


@pytest.fixture
def behind(request: pytest.FixtureRequest, broker: Broker) -> Behind:
    if isinstance(broker, InProcessBroker):
        return BehindInProcess(broker)
    return BehindAmqp(request.getfixturevalue("amqp_url"), request.getfixturevalue("queue_name"))


async def take(subscription: Subscription, *, within_seconds: float = 300) -> Delivery:
    async with asyncio.timeout(within_seconds):
        return await anext(subscription)


async def nothing_comes(subscription: Subscription, *, within_seconds: float = 0.3) -> None:
    with suppress(TimeoutError):
        delivery = await take(subscription, within_seconds=within_seconds)
        pytest.fail(f"came: {delivery.message}")


async def _is_confirmed(publishing: Awaitable[None]) -> bool:
    """Return False when the broker did not confirm in time: on a busy machine it may take longer than a second."""
    try:
        await publishing
    except DependencyUnavailable:
        return False
    return True


async def eventually[T](look: Callable[[], Awaitable[T]], wanted: T) -> None:
    for _ in range(100):
        if (seen := await look()) == wanted:
            return
        await asyncio.sleep(0.05)
    assert seen == wanted


def dead_letters_counted() -> float:
    return REGISTRY.get_sample_value("darkroom_dead_letters_total") or 0


@pytest.mark.needs("rabbitmq")
class TestBroker:
    async def test_what_was_published_before_anybody_listened_is_delivered_in_order(self, broker: Broker) -> None:
        messages = [a_message() for _ in range(3)]
        for message in messages:
            await broker.publish(message)
        async with broker.subscribe(prefetch=3) as subscription:
            deliveries = [await take(subscription) for _ in messages]
        assert [delivery.message for delivery in deliveries] == messages
        assert not any(delivery.redelivered for delivery in deliveries)

    async def test_it_reports_whether_it_consumes(self, broker: Broker) -> None:
        assert not broker.is_consuming
        await broker.publish(a_message())
        async with broker.subscribe(prefetch=1) as subscription:
            await (await take(subscription)).ack()
            assert broker.is_consuming
        assert not broker.is_consuming

    async def test_an_acked_message_never_comes_again(self, broker: Broker) -> None:
        await broker.publish(a_message())
        async with broker.subscribe(prefetch=1) as subscription:
            await (await take(subscription)).ack()
        async with broker.subscribe(prefetch=1) as subscription:
            await nothing_comes(subscription)

    async def test_what_was_not_settled_comes_again_marked_as_redelivered(self, broker: Broker) -> None:
        await broker.publish(message := a_message())
        async with broker.subscribe(prefetch=1) as subscription:
            await take(subscription)
        async with broker.subscribe(prefetch=1) as subscription:
            again = await take(subscription)
            await again.ack()
        assert (again.message, again.redelivered) == (message, True)

    async def test_a_requeued_message_comes_again_marked_as_redelivered(self, broker: Broker) -> None:
        await broker.publish(message := a_message())
        async with broker.subscribe(prefetch=1) as subscription:
            await (await take(subscription)).requeue()
            again = await take(subscription)
            await again.ack()
        assert (again.message, again.redelivered) == (message, True)

    async def test_no_more_than_prefetch_are_out_at_once(self, broker: Broker) -> None:
        for _ in range(3):
            await broker.publish(a_message())
        async with broker.subscribe(prefetch=2) as subscription:
            first, _second = await take(subscription), await take(subscription)
            await nothing_comes(subscription)
            await first.ack()
            await take(subscription)

    async def test_a_rejected_message_is_a_dead_letter_and_counted(self, broker: Broker, behind: Behind) -> None:
        counted = dead_letters_counted()
        await broker.publish(message := a_message())
        async with broker.subscribe(prefetch=1) as subscription:
            await (await take(subscription)).reject()
            await eventually(behind.dead_letters, [message.encode()])
            await nothing_comes(subscription)
        assert dead_letters_counted() == counted + 1

    @pytest.mark.parametrize(
        "body",
        [b"", b"\xff\xfe", b"{}", b"[1]", a_message().encode().replace(b'"version":1', b'"version":2'), b"9" * 100_000],
        ids=["empty", "no text", "no fields", "a list", "a future version", "long"],
    )
    async def test_garbage_is_a_dead_letter_and_the_next_message_is_delivered(
        self, broker: Broker, behind: Behind, body: bytes
    ) -> None:
        counted = dead_letters_counted()
        await behind.publish_body(body)
        await broker.publish(message := a_message())
        async with broker.subscribe(prefetch=1) as subscription:
            assert (await take(subscription)).message == message
            await eventually(behind.dead_letters, [body])
        assert dead_letters_counted() == counted + 1

    async def test_two_subscribers_share_the_messages(self, broker: Broker) -> None:
        async with broker.subscribe(prefetch=1) as one, broker.subscribe(prefetch=1) as other:
            messages = {a_message(), a_message()}
            for message in messages:
                await broker.publish(message)
            taken = {(await take(one)).message, (await take(other)).message}
        assert taken == messages

    async def test_a_waiting_subscriber_is_woken(self, broker: Broker) -> None:
        async with broker.subscribe(prefetch=1) as subscription:
            waiting = asyncio.create_task(take(subscription))
            await asyncio.sleep(0.1)
            await broker.publish(message := a_message())
            assert (await waiting).message == message

    async def test_stop_ends_the_iteration_and_what_is_out_can_still_be_acked(self, broker: Broker) -> None:
        await broker.publish(a_message())
        async with broker.subscribe(prefetch=2) as subscription:
            out = await take(subscription)
            await subscription.stop()
            await broker.publish(later := a_message())
            assert [delivery async for delivery in subscription] == []
            await out.ack()
            async with broker.subscribe(prefetch=2) as other:
                assert (await take(other)).message == later
                await nothing_comes(other)

    async def test_stop_wakes_whoever_waits(self, broker: Broker) -> None:
        async with broker.subscribe(prefetch=1) as subscription:
            waiting = asyncio.create_task(anext(subscription, None))
            await asyncio.sleep(0.1)
            await subscription.stop()
            assert await waiting is None

    async def test_settling_after_the_subscription_ended_is_no_error(self, broker: Broker) -> None:
        await broker.publish(a_message())
        async with broker.subscribe(prefetch=1) as subscription:
            delivery = await take(subscription)
        await delivery.ack()
        await delivery.requeue()

    async def test_a_thousand_publishes_a_hundred_at_once_all_arrive(self, broker: Broker) -> None:
        messages = {a_message() for _ in range(1000)}
        at_once = asyncio.Semaphore(100)

        async def publish(message: TaskQueued) -> None:
            async with at_once:
                while not await _is_confirmed(broker.publish(message)):
                    pass

        async with asyncio.TaskGroup() as group:
            for message in messages:
                group.create_task(publish(message))
        arrived: set[TaskQueued] = set()
        async with broker.subscribe(prefetch=100) as subscription:
            while len(arrived) < len(messages):
                delivery = await take(subscription)
                arrived.add(delivery.message)
                await delivery.ack()
        assert arrived == messages


@pytest.mark.parametrize("url", ["", "redis://127.0.0.1", "amqp://127.0.0.1:port/", "queue"])
def test_a_url_that_names_no_broker_is_a_configuration_error(url: str) -> None:
    with pytest.raises(ConfigurationError):
        brokers.connect(url, queue="unused")


async def test_a_delivery_has_the_trace_that_its_message_was_published_in(broker: Broker) -> None:
    # Given one message of a trace, and one of none
    trace_context = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    await broker.publish(a_message(), trace_context=trace_context)
    await broker.publish(a_message())
    async with broker.subscribe(prefetch=2) as subscription:
        # When they are delivered, Then each has its own, also when it is redelivered
        delivery = await take(subscription)
        assert delivery.trace_context == trace_context
        assert (await take(subscription)).trace_context is None
        await delivery.requeue()
        assert (await take(subscription)).trace_context == trace_context
