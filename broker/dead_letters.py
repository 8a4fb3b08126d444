"""`python -m broker.dead_letters`: lists, resends or drops messages that no worker could use."""

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime

import aio_pika
from aio_pika import DeliveryMode, Message
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage, AbstractQueue

from broker.amqp_link import answering
from core.errors import ConfigurationError, DarkroomError
from core.settings import read_settings

_LISTED = 100
_SHOWN_BYTES = 200
_CONNECT_SECONDS = 10.0


def main(given: Sequence[str] | None = None, *, prog: str = "python -m broker.dead_letters") -> int:
    """Return the exit code: 0, or 1 if there is no RabbitMQ in the settings or it does not answer."""
    arguments = _parser(prog).parse_args(given)
    try:
        asyncio.run(_run(resend=arguments.resend, drop=arguments.drop))
    except DarkroomError as error:
        sys.stderr.write(f"darkroom: {error.detail}\n")
        return 1
    return 0


async def _run(*, resend: int | None, drop: int | None) -> None:
    settings = read_settings()
    if settings.broker_url == "memory:":
        raise ConfigurationError("DARKROOM_BROKER_URL names no RabbitMQ: an embedded service keeps no dead letters.")
    async with open_dead_letters(settings.broker_url, queue=settings.broker_queue) as letters:
        if resend is not None:
            sys.stdout.write(f"Sent {await letters.resend(resend)} messages again.\n")
        elif drop is not None:
            sys.stdout.write(f"Dropped {await letters.drop(drop)} messages.\n")
        else:
            lines = await letters.list()
            sys.stdout.writelines(f"{line}\n" for line in lines)
            sys.stdout.write(f"{letters.count} dead letters, the oldest {len(lines)} listed.\n")


class DeadLetters:
    """The oldest messages of the dead-letter queue. A crash in the middle leaves a message there, or in both queues."""

    def __init__(self, dead: AbstractQueue, channel: AbstractChannel, *, queue: str) -> None:
        self._dead = dead
        self._channel = channel
        self._queue = queue

    @property
    def count(self) -> int:
        return self._dead.declaration_result.message_count or 0

    async def list(self) -> list[str]:
        """Return a line for each message; they stay in the queue."""
        found = [message async for message in self._get(_LISTED)]
        for message in found:
            await message.nack(requeue=True)
        return [_line(message) for message in found]

    async def resend(self, count: int) -> int:
        """Publish messages to the queue of the workers. Return how many there were."""
        resent = 0
        async for message in self._get(count):
            again = Message(message.body, delivery_mode=DeliveryMode.PERSISTENT, content_type=message.content_type)
            await self._channel.default_exchange.publish(again, self._queue, mandatory=True)
            await message.ack()
            resent += 1
        return resent

    async def drop(self, count: int) -> int:
        """Delete messages. Return how many there were."""
        dropped = 0
        async for message in self._get(count):
            await message.ack()
            dropped += 1
        return dropped

    async def _get(self, count: int) -> AsyncIterator[AbstractIncomingMessage]:
        for _ in range(min(count, self.count)):
            if message := await self._dead.get(fail=False):
                yield message


@asynccontextmanager
async def open_dead_letters(url: str, *, queue: str) -> AsyncIterator[DeadLetters]:
    """Raises DependencyUnavailable if RabbitMQ does not answer, or has no such queue."""
    async with answering(_CONNECT_SECONDS):
        connection = await aio_pika.connect(url, timeout=_CONNECT_SECONDS)
    async with connection:
        async with answering(_CONNECT_SECONDS):
            channel = await connection.channel()
            dead = await channel.declare_queue(f"{queue}.dead", passive=True)
        yield DeadLetters(dead, channel, queue=queue)


def _line(message: AbstractIncomingMessage) -> str:
    return f"{_dead_since(message)}  {len(message.body)} bytes  {message.body[:_SHOWN_BYTES]!r}"


def _dead_since(message: AbstractIncomingMessage) -> str:
    """Return when it was rejected, from the header that RabbitMQ adds."""
    match message.headers.get("x-death"):
        case [{"time": datetime() as at}, *_]:
            return f"{at:%Y-%m-%d %H:%M}Z"
    return "unknown time"


def _parser(prog: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=prog,
        description="List messages that no worker could use. No task is lost with them: every due task is sent again.",
        epilog="RabbitMQ 4 discards a dead letter that was listed 20 times.",
    )
    action = parser.add_mutually_exclusive_group()
    action.add_argument("--resend", type=_count, metavar="N", help="Send the oldest N to the workers again.")
    action.add_argument("--drop", type=_count, metavar="N", help="Delete the oldest N.")
    return parser


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError("must be a whole number, 1 or more")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
