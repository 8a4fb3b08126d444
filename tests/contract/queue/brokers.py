"""What the contract suite needs to see of a broker from behind: raw bodies in, dead letters out."""

from typing import Protocol

import aio_pika

from broker.in_process import InProcessBroker, Letter
from broker.interface import Broker
from core.errors import DependencyUnavailable
from tests.harness.eventually import eventually


async def until_it_answers(broker: Broker) -> None:
    """Wait: on a busy machine RabbitMQ may take longer than the second that a check gives it."""

    async def answers() -> bool:
        try:
            await broker.check()
        except DependencyUnavailable:
            return False
        return True

    await eventually(answers)


class Behind(Protocol):
    async def publish_body(self, body: bytes) -> None: ...

    async def dead_letters(self) -> list[bytes]: ...


class BehindInProcess:
    def __init__(self, broker: InProcessBroker) -> None:
        self._broker = broker

    async def publish_body(self, body: bytes) -> None:
        await self._broker.put(Letter(body))

    async def dead_letters(self) -> list[bytes]:
        return list(self._broker.dead_letters)


class BehindAmqp:
    def __init__(self, url: str, queue: str) -> None:
        self._url = url
        self._queue = queue

    async def publish_body(self, body: bytes) -> None:
        async with await aio_pika.connect(self._url) as connection:
            channel = await connection.channel()
            await channel.default_exchange.publish(aio_pika.Message(body), self._queue)

    async def dead_letters(self) -> list[bytes]:
        bodies = []
        async with await aio_pika.connect(self._url) as connection:
            channel = await connection.channel()
            queue = await channel.declare_queue(f"{self._queue}.dead", passive=True)
            while incoming := await queue.get(fail=False):
                bodies.append(incoming.body)
        return bodies  # unacknowledged, so they stay
