"""Notices a worker that waits for deliveries while tasks wait for a worker, whatever went wrong between the two."""

import asyncio

from broker import Broker
from core.errors import DependencyUnavailable
from storage import TaskRepository
from worker.consumer import Consumer


async def watch(consumer: Consumer, broker: Broker, tasks: TaskRepository, *, patience_seconds: float) -> None:
    """Ends when tasks have been due for so long, by all that database and broker say, and no delivery came."""
    loop = asyncio.get_running_loop()
    fine_at = loop.time()
    while loop.time() - fine_at < patience_seconds:
        await asyncio.sleep(patience_seconds / 10)
        if consumer.is_busy or not await _tasks_wait(broker, tasks, seconds=patience_seconds):
            fine_at = loop.time()
        fine_at = max(fine_at, consumer.taken_at)


async def _tasks_wait(broker: Broker, tasks: TaskRepository, *, seconds: float) -> bool:
    """Not while one of the two is away: then nobody can work."""
    try:
        await broker.check()
        return (await tasks.measure_queue()).oldest_seconds > seconds
    except DependencyUnavailable:
        return False
