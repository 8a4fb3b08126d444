"""Keeps the lease of a claim alive by heartbeats. An attempt that loses its lease stops at once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog

from core.errors import DependencyUnavailable
from core.tasks import Task
from storage import TaskRepository

_log = structlog.get_logger()
# Short, so that another worker soon knows why a message was redelivered: its holder died, or only the connection to
# the broker broke. Most tasks end before the first heartbeat.
_RENEW_SECONDS = 0.5
MISSED_HEARTBEAT_SECONDS = 1.25


class LeaseLost(Exception):
    """The task was cancelled, deleted or taken over, or the lease expired: the attempt must change nothing any more."""


@asynccontextmanager
async def keep_alive(
    tasks: TaskRepository, task: Task, *, lease_seconds: float, claimed_at: float
) -> AsyncIterator[None]:
    """Renew the lease while the body runs. `claimed_at`: the loop's time before the claim. Raises LeaseLost."""
    lease = asyncio.timeout_at(claimed_at + lease_seconds)
    try:
        async with lease:
            renewing = asyncio.create_task(_renew(tasks, task, lease, lease_seconds=lease_seconds))
            try:
                yield
            finally:
                renewing.cancel()
                await asyncio.wait({renewing})
    except TimeoutError as error:
        if lease.expired():
            raise LeaseLost from error
        raise


async def _renew(tasks: TaskRepository, task: Task, lease: asyncio.Timeout, *, lease_seconds: float) -> None:
    """Send heartbeats. While the database is unavailable, retry until the lease expires."""
    loop = asyncio.get_running_loop()
    usual_seconds = pause_seconds = min(lease_seconds / 3, _RENEW_SECONDS)
    is_held = True
    while is_held:
        await asyncio.sleep(pause_seconds)
        asked_at = loop.time()
        try:
            is_held = await tasks.renew_lease(task.task_id, task.attempt, lease_seconds=lease_seconds)
        except DependencyUnavailable as error:
            _log.warning("lease_not_renewed", detail=error.detail)
            pause_seconds = usual_seconds / 2
            continue
        if lease.expired():
            return
        lease.reschedule(asked_at + lease_seconds if is_held else loop.time())
        pause_seconds = usual_seconds
