"""Repairs the effects of crashes and lost messages. Every worker sweeps; the database gives no two the same work."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from random import SystemRandom

import structlog

from broker import Broker
from core import tracing
from core.errors import DarkroomError
from core.failpoints import failpoint
from core.keys import with_proxies
from core.messages import TaskQueued
from core.tasks import TaskStatus
from core.telemetry import (
    ORPHANS,
    ORPHANS_HELD,
    QUEUE_OLDEST_SECONDS,
    QUEUE_TASKS,
    SWEEP_FAILURES,
    SWEEP_REPAIRS,
    SWEEPS,
)
from storage import EVENT_RETENTION_SECONDS, Storage
from worker.collection import Collection
from worker.deliveries import DeliveryCollection
from worker.orphans import output_keys
from worker.task_metrics import count_end

_log = structlog.get_logger()
_random = SystemRandom()
_BATCH = 100
_EMPTY_QUEUE_SECONDS = 5.0
_ACCESS_CHANGE_SECONDS = 30 * 86_400.0  # longer than any session is kept while no API process runs
_MAX_REFILL = 1_000_000  # tasks: an in-process queue starts empty and gets all of them at once


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweeper:
    storage: Storage
    broker: Broker
    interval_seconds: float
    republish_seconds: float
    orphan_seconds: float
    orphan_trash_seconds: float
    retention_seconds: float
    deliveries: DeliveryCollection
    grace_seconds: float = 5.0  # for the process that created a task to publish it
    _failing: set[str] = field(default_factory=set)

    async def run(self) -> None:
        await self.refill()
        collect_at, purge_at = self._next_collection(), 0.0
        while True:
            await self.sweep()
            if (now := asyncio.get_running_loop().time()) >= purge_at:
                await self._run("deliveries_purged", self.deliveries.run)
                purge_at = now + self.deliveries.interval_seconds
            if now >= collect_at:
                await self.collect()
                collect_at = self._next_collection()
            await asyncio.sleep(self.interval_seconds * _random.uniform(0.75, 1.25))

    async def refill(self) -> None:
        """Publish all open tasks after a restart of the only worker, whose in-process queue was lost."""
        if not self.broker.durable:
            await self._run("reclaimed", lambda: self._reclaim(everything=True))
            await self._run("published", lambda: self._publish(stale_seconds=0, grace_seconds=0, limit=_MAX_REFILL))

    async def sweep(self) -> None:
        await self._run("reclaimed", self._reclaim)
        await self._run("published", self._publish_overdue)
        await self._run("purged", self._purge)
        await self._run("events_purged", self._purge_events)
        await self._run("measured", self._measure)
        SWEEPS.inc()

    async def collect(self) -> None:
        """Collect orphans and what is kept for days. This lists the whole bucket, so it runs rarely."""
        await self._run("orphans_collected", self._collect)
        await self._run("uploads_aborted", self._abort_uploads)
        await self._run("access_changes_purged", self._purge_access_changes)

    def _next_collection(self) -> float:
        return asyncio.get_running_loop().time() + self.orphan_seconds / 4 * _random.uniform(0.5, 1.5)

    async def _run(self, repair: str, work: Callable[[], Awaitable[int]]) -> None:
        """Run one repair. A failure does not stop the others, and is logged once until the repair works again."""
        try:
            repaired = await work()
        except Exception as error:  # noqa: BLE001 - the sweep must outlive whatever goes wrong
            SWEEP_FAILURES.labels(repair).inc()
            if repair not in self._failing:
                _log.warning("sweep_failed", repair=repair, detail=str(error), exc_info=not _is_expected(error))
            self._failing.add(repair)
            return
        self._failing.discard(repair)
        if repaired:
            SWEEP_REPAIRS.labels(repair).inc(repaired)
            _log.info("swept", repair=repair, count=repaired)

    async def _reclaim(self, *, everything: bool = False) -> int:
        if reclaimed := await self.storage.tasks.reclaim_expired(everything=everything):
            await failpoint("reclaimed")
        for task in reclaimed:
            if task.status is TaskStatus.FAILED:
                count_end(task, TaskStatus.FAILED, code=task.error_code or "")
                await self.storage.objects.delete(output_keys(task, range(1, task.attempt + 1)))
        return len(reclaimed)

    async def _publish_overdue(self) -> int:
        stale_seconds = self.republish_seconds
        if not await self.broker.depth():  # a task that waits for longer than a delivery takes has lost its message
            stale_seconds = min(stale_seconds, _EMPTY_QUEUE_SECONDS)
        return await self._publish(stale_seconds=stale_seconds, grace_seconds=self.grace_seconds, limit=_BATCH)

    async def _publish(self, *, stale_seconds: float, grace_seconds: float, limit: int) -> int:
        published, tasks = 0, self.storage.tasks
        while held := await tasks.hold_unpublished(
            stale_seconds=stale_seconds, grace_seconds=grace_seconds, limit=limit
        ):
            await failpoint("taken")
            for task in held:
                with tracing.span("publish", kind="producer", parent=task.trace_context):
                    message = TaskQueued(task_id=task.task_id, source_key=task.source_key)
                    await self.broker.publish(message, trace_context=tracing.context())
            await self.storage.tasks.mark_published(*(task.task_id for task in held))
            published += len(held)
            if len(held) < limit:
                break
        return published

    async def _purge(self) -> int:
        purged = 0
        while keys := await self.storage.tasks.purge(retention_seconds=self.retention_seconds, limit=_BATCH):
            await failpoint("purged")
            await self.storage.objects.delete(with_proxies(keys))
            purged += len(keys)
        return purged

    async def _purge_events(self) -> int:
        return await self.storage.task_events.purge(retention_seconds=EVENT_RETENTION_SECONDS)

    async def _purge_access_changes(self) -> int:
        return await self.storage.accounts.purge_changes(retention_seconds=_ACCESS_CHANGE_SECONDS)

    async def _measure(self) -> int:
        """Update the gauges: no repair, but its failures are reported like one's."""
        queue = await self.storage.tasks.measure_queue()
        QUEUE_TASKS.labels(TaskStatus.QUEUED).set(queue.queued)
        QUEUE_TASKS.labels(TaskStatus.RUNNING).set(queue.running)
        QUEUE_OLDEST_SECONDS.set(queue.oldest_seconds)
        orphans = await self.storage.orphans.state()
        ORPHANS.set(orphans.marked)
        ORPHANS_HELD.set(orphans.held)
        return 0

    async def _collect(self) -> int:
        collection = Collection(
            storage=self.storage, orphan_seconds=self.orphan_seconds, trash_seconds=self.orphan_trash_seconds
        )
        return await collection.run()

    async def _abort_uploads(self) -> int:
        await self.storage.identity.verify()
        return await self.storage.objects.abort_stale_uploads(older_than_seconds=self.orphan_seconds)


def _is_expected(error: Exception) -> bool:
    return isinstance(error, DarkroomError)
