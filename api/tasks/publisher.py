"""Publishes new tasks behind the response, and notes in the database, for many at once, that they were published.

A task that is neither noted nor claimed after some seconds is published by a sweep, whatever became of this process.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog

from broker import Broker
from core import tracing
from core.errors import DependencyUnavailable
from core.failpoints import failpoint
from core.messages import TaskQueued
from core.tasks import Task
from core.telemetry import PUBLISH_FAILURES
from storage import TaskRepository

_log = structlog.get_logger(__name__)
_NOTE_SECONDS = 2.0  # well before a sweep looks at new tasks
_MAX_PUBLISHING = 1_000  # at a time, while the broker is frozen; further ones are left to the sweep


class Publisher:
    def __init__(self, broker: Broker, tasks: TaskRepository) -> None:
        self._broker = broker
        self._tasks = tasks
        self._publishing: set[asyncio.Task[None]] = set()
        self._published: list[Task] = []

    async def publish(self, task: Task) -> None:
        """Publish the task: in the background, unless the queue is in this process and has it at once."""
        if not self._broker.durable:
            await self._publish(task)
        elif len(self._publishing) < _MAX_PUBLISHING:
            publishing = asyncio.create_task(self._publish(task))
            self._publishing.add(publishing)
            publishing.add_done_callback(self._publishing.discard)
        else:
            PUBLISH_FAILURES.inc()

    async def note_forever(self) -> None:
        while True:
            await asyncio.sleep(_NOTE_SECONDS)
            await self.note()

    async def note(self) -> None:
        """Note what was published. If that fails, a sweep publishes it again, which harms nothing."""
        published, self._published = self._published, []
        if not published:
            return
        try:
            await self._tasks.mark_published(*(task.task_id for task in published))
        except DependencyUnavailable as error:
            _log.warning("published_not_noted", tasks=len(published), detail=error.detail)

    async def finish(self) -> None:
        """Wait for what is being published."""
        if self._publishing:
            await asyncio.wait(self._publishing)

    async def _publish(self, task: Task) -> None:
        try:
            with tracing.span("publish", kind="producer"):
                message = TaskQueued(task_id=task.task_id, source_key=task.source_key)
                await self._broker.publish(message, trace_context=tracing.context())
        except DependencyUnavailable as error:
            PUBLISH_FAILURES.inc()
            _log.warning("publish_failed", task_id=str(task.task_id), detail=error.detail)
        else:
            await failpoint("published")
            self._published.append(task)


@asynccontextmanager
async def open_publisher(broker: Broker, tasks: TaskRepository) -> AsyncIterator[Publisher]:
    publisher = Publisher(broker, tasks)
    noting = asyncio.create_task(publisher.note_forever())
    try:
        yield publisher
    finally:
        noting.cancel()
        await asyncio.wait({noting})
        await publisher.finish()
        await publisher.note()
