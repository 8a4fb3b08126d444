"""Detects a worker that waits for deliveries while tasks wait for a worker, whatever went wrong between the two."""

import asyncio

from broker import Broker
from core.errors import DependencyUnavailable
from storage import TaskRepository
from worker.consumer import Consumer


async def watch(consumer: Consumer, broker: Broker, tasks: TaskRepository, *, stall_seconds: float) -> None:
    """Return when tasks have been due for `stall_seconds`, database and broker respond, and no delivery came."""
    loop = asyncio.get_running_loop()
    progress_at = loop.time()
    while loop.time() - progress_at < stall_seconds:
        await asyncio.sleep(stall_seconds / 10)
        if consumer.is_busy or not await _tasks_wait(broker, tasks, seconds=stall_seconds):
            progress_at = loop.time()
        progress_at = max(progress_at, consumer.received_at)


async def _tasks_wait(broker: Broker, tasks: TaskRepository, *, seconds: float) -> bool:
    """False while database or broker is unavailable: then nobody can work."""
    try:
        await broker.check()
        return (await tasks.measure_queue()).oldest_seconds > seconds
    except DependencyUnavailable:
        return False
