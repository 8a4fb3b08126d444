"""RabbitMQ, 3.10 and later. The database counts the attempts, because what a nack means changed between versions."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import aio_pika
import structlog
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage, AbstractQueue, DeliveryMode

from broker.amqp_link import Link, answering
from core.errors import DependencyUnavailable
from core.messages import TaskQueued
from core.telemetry import DEAD_LETTERS, calling

_log = structlog.get_logger()
_ANSWER_SECONDS = 1.0  # twice at most: for the connection and for the answer
# Explicit, because RabbitMQ 4 would move a message to the dead letters after 20 returns by itself, and a database that
# is away for an hour returns it more often. Poison stops at the database's max_attempts.
_DELIVERY_LIMIT = 1_000_000
_DEAD_LETTERS_KEPT = 100_000
_TRACE_CONTEXT = "traceparent"  # the header's name in W3C Trace Context, for AMQP too


@asynccontextmanager
async def connect_amqp(url: str, queue: str) -> AsyncIterator["AmqpBroker"]:
    async def prepare(channel: AbstractChannel) -> None:
        await _declare(channel, queue)

    async with Link(url, purpose="publish", prepare=prepare).kept_open() as publishing:
        yield AmqpBroker(url, queue=queue, publishing=publishing)


async def _declare(channel: AbstractChannel, name: str) -> AbstractQueue:
    dead: dict[str, Any] = {"x-queue-type": "quorum", "x-max-length": _DEAD_LETTERS_KEPT}
    await channel.declare_queue(f"{name}.dead", durable=True, arguments=dead)
    arguments: dict[str, Any] = {
        "x-queue-type": "quorum",
        "x-delivery-limit": _DELIVERY_LIMIT,
        "x-dead-letter-exchange": "",  # the default exchange routes by queue name
        "x-dead-letter-routing-key": f"{name}.dead",
    }
    return await channel.declare_queue(name, durable=True, arguments=arguments)


class AmqpBroker:
    """Publishes and consumes on connections of their own: RabbitMQ blocks publishers when it is short of memory."""

    durable = True

    def __init__(self, url: str, *, queue: str, publishing: Link) -> None:
        self._url = url
        self._queue = queue
        self._publishing = publishing
        self._consuming: Link | None = None

    @property
    def is_consuming(self) -> bool:
        return self._consuming is not None and self._consuming.is_open

    async def publish(self, message: TaskQueued, *, trace_context: str | None = None) -> None:
        envelope = _envelope(message, trace_context=trace_context)
        async with self._channel("publish") as channel:
            await channel.default_exchange.publish(envelope, self._queue, mandatory=True)

    async def check(self) -> None:
        await self.depth()

    async def depth(self) -> int:
        async with self._channel("check") as channel:
            queue = await channel.declare_queue(self._queue, passive=True)
            return queue.declaration_result.message_count or 0

    @asynccontextmanager
    async def _channel(self, call: str) -> AsyncIterator[AbstractChannel]:
        with calling("broker", call):
            async with answering(_ANSWER_SECONDS):
                channel = await self._publishing.channel()
            try:
                async with answering(_ANSWER_SECONDS):
                    yield channel
            except DependencyUnavailable:
                self._publishing.drop()  # frozen, blocked or without our queue: only a new connection helps
                raise

    @asynccontextmanager
    async def subscribe(self, *, prefetch: int) -> AsyncIterator["_Subscription"]:
        subscription = _Subscription(self._queue, prefetch=prefetch)
        async with Link(self._url, purpose="consume", prepare=subscription.consume).kept_open() as link:
            self._consuming = subscription.link = link
            yield subscription


def _envelope(message: TaskQueued, *, trace_context: str | None) -> aio_pika.Message:
    # aiormq identifies returned messages by their id: two publishes must never share one.
    return aio_pika.Message(
        message.encode(),
        message_id=str(uuid4()),
        delivery_mode=DeliveryMode.PERSISTENT,
        content_type="application/json",
        headers={_TRACE_CONTEXT: trace_context} if trace_context else {},
    )


class _Subscription:
    link: Link

    def __init__(self, queue: str, *, prefetch: int) -> None:
        self._name = queue
        self._prefetch = prefetch
        self._received: asyncio.Queue[_Delivery | None] = asyncio.Queue()
        self._queue: AbstractQueue | None = None  # held, or aio-pika's weak references let it go
        self._consumer_tag: str | None = None
        self._stopped = False

    async def consume(self, channel: AbstractChannel) -> None:
        """Start on a new channel. What an old one left unread comes again."""
        self._drain_received()
        if self._stopped:
            return
        await channel.set_qos(prefetch_count=self._prefetch)
        underlay = await channel.get_underlay_channel()
        underlay.on_consumer_cancel_callbacks.add(lambda _: self.link.drop())  # somebody deleted the queue
        self._queue = await _declare(channel, self._name)
        self._consumer_tag = await self._queue.consume(self._receive)

    async def _receive(self, incoming: AbstractIncomingMessage) -> None:
        try:
            message = TaskQueued.decode(incoming.body)
        except ValueError:
            _log.warning("message_undecodable", bytes=len(incoming.body))
            await _reject(incoming)
        else:
            self._received.put_nowait(_Delivery(message, incoming))

    def __aiter__(self) -> "_Subscription":
        return self

    async def __anext__(self) -> "_Delivery":
        if not self._stopped and (delivery := await self._received.get()):
            return delivery
        raise StopAsyncIteration

    async def stop(self) -> None:
        self._stopped = True
        if self._queue and self._consumer_tag:
            await _settle(self._queue.cancel(self._consumer_tag))
        for delivery in self._drain_received():
            await delivery.requeue()
        self._received.put_nowait(None)

    def _drain_received(self) -> "list[_Delivery]":
        waiting = [self._received.get_nowait() for _ in range(self._received.qsize())]
        return [delivery for delivery in waiting if delivery]


@dataclass(frozen=True, slots=True)
class _Delivery:
    message: TaskQueued
    incoming: AbstractIncomingMessage

    @property
    def redelivered(self) -> bool:
        return bool(self.incoming.redelivered)

    @property
    def trace_context(self) -> str | None:
        found = self.incoming.headers.get(_TRACE_CONTEXT)  # anybody may have written it
        return found if isinstance(found, str) else None

    async def ack(self) -> None:
        await _settle(self.incoming.ack())

    async def requeue(self) -> None:
        await _settle(self.incoming.nack(requeue=True))

    async def reject(self) -> None:
        await _reject(self.incoming)


async def _reject(incoming: AbstractIncomingMessage) -> None:
    DEAD_LETTERS.inc()
    await _settle(incoming.reject(requeue=False))


async def _settle(operation: Coroutine[Any, Any, object]) -> None:
    """On a channel that is gone there is nothing to settle: the message comes again."""
    try:
        with calling("broker", "settle"):
            async with answering(_ANSWER_SECONDS):
                await operation
    except DependencyUnavailable as error:
        _log.info("delivery_lost", detail=error.detail)
