"""The command for dead letters, on a real RabbitMQ."""

import subprocess
import sys
from collections.abc import AsyncIterator

import pytest

import broker as brokers
from broker.dead_letters import DeadLetters, open_dead_letters
from core.errors import DependencyUnavailable
from tests.contract.queue.brokers import until_it_answers
from tests.contract.queue.test_broker import a_message, take
from tests.harness.deployment import ROOT, environment_of_a_user


@pytest.fixture
async def broker(amqp_url: str, queue_name: str) -> AsyncIterator[brokers.Broker]:
    async with brokers.connect(amqp_url, queue=queue_name) as broker:
        await until_it_answers(broker)
        yield broker


async def die(broker: brokers.Broker, count: int) -> None:
    for _ in range(count):
        await broker.publish(a_message())
    async with broker.subscribe(prefetch=1) as subscription:
        for _ in range(count):
            await (await take(subscription)).reject()


async def opened(amqp_url: str, queue_name: str, *, count: int) -> DeadLetters:
    """Return the letters once RabbitMQ has moved that many."""
    for _ in range(600):
        async with open_dead_letters(amqp_url, queue=queue_name) as letters:
            if letters.count == count:
                return letters
    raise AssertionError(f"{letters.count} dead letters, not {count}")


async def test_they_are_listed_and_stay(broker: brokers.Broker, amqp_url: str, queue_name: str) -> None:
    await die(broker, 2)
    await opened(amqp_url, queue_name, count=2)
    for _ in range(2):
        async with open_dead_letters(amqp_url, queue=queue_name) as letters:
            lines = await letters.list()
    assert len(lines) == 2
    assert all("bytes" in line and "task_id" in line and line.startswith("20") for line in lines)


async def test_they_are_sent_again(broker: brokers.Broker, amqp_url: str, queue_name: str) -> None:
    await die(broker, 2)
    await opened(amqp_url, queue_name, count=2)
    async with open_dead_letters(amqp_url, queue=queue_name) as letters:
        assert await letters.resend(1) == 1
    await opened(amqp_url, queue_name, count=1)
    async with broker.subscribe(prefetch=1) as subscription:
        await (await take(subscription)).ack()


async def test_they_are_dropped(broker: brokers.Broker, amqp_url: str, queue_name: str) -> None:
    await die(broker, 2)
    await opened(amqp_url, queue_name, count=2)
    async with open_dead_letters(amqp_url, queue=queue_name) as letters:
        assert await letters.drop(10) == 2
    await opened(amqp_url, queue_name, count=0)


async def test_a_server_that_is_away_is_named() -> None:
    with pytest.raises(DependencyUnavailable):
        async with open_dead_letters("amqp://127.0.0.1:1/", queue="darkroom.tasks"):
            pass


def test_the_command(amqp_url: str, queue_name: str, broker: brokers.Broker) -> None:
    del broker  # has declared the queues
    settings = {"DARKROOM_BROKER_URL": amqp_url, "DARKROOM_BROKER_QUEUE": queue_name}
    done = subprocess.run(
        [sys.executable, "-m", "broker.dead_letters"],
        cwd=ROOT,
        env=environment_of_a_user(settings),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "0 dead letters, the oldest 0 listed.\n"), done.stderr
