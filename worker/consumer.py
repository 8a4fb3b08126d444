"""Starts attempts for deliveries: two for each slot, so that one downloads or uploads while the other renders.

Each delivery is acknowledged last, after the end is recorded in the database.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID
from weakref import WeakValueDictionary

import structlog

from broker import Broker, Delivery, Subscription
from core import tracing
from core.errors import DependencyUnavailable
from core.failpoints import failpoint
from storage import TaskRepository
from worker.executor import Executor
from worker.supervision import GiveUp, supervised

_log = structlog.get_logger()
_ATTEMPTS_PER_SLOT = 2  # they take turns with its render process: docs/adr/0009
_PAUSE_SECONDS = 1.0  # before a delivery is requeued that cannot be processed now


def concurrent_attempts(slots: int) -> int:
    return slots * _ATTEMPTS_PER_SLOT


class Consumer:
    def __init__(self, executor: Executor, tasks: TaskRepository, *, slots: int) -> None:
        self._executor = executor
        self._tasks = tasks
        self._max_running = concurrent_attempts(slots)
        self._places = asyncio.Semaphore(self._max_running)
        self._running: set[asyncio.Task[None]] = set()
        # One delivery of a task at a time: after a reconnect a message is redelivered while its task still runs here.
        self._turns = WeakValueDictionary[UUID, asyncio.Lock]()
        self.received_at = 0.0  # the loop's time of the last delivery

    @property
    def is_busy(self) -> bool:
        """Whether no more deliveries are accepted."""
        return len(self._running) >= self._max_running

    async def consume(self, subscription: Subscription) -> None:
        """Start an attempt for each delivery, as soon as a place is free."""
        while True:
            await failpoint("taking")
            await self._places.acquire()
            try:
                delivery = await anext(subscription)
            except StopAsyncIteration:
                return
            self.received_at = asyncio.get_running_loop().time()
            task = asyncio.create_task(self._handle(delivery))
            self._running.add(task)
            task.add_done_callback(self._release)

    def _release(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        self._places.release()

    async def drain(self, seconds: float) -> None:
        """Let running attempts finish for `seconds`; cancel the others, which hand their tasks back."""
        if not self._running:
            return
        _, late = await asyncio.wait(self._running, timeout=seconds)
        for task in late:
            task.cancel()
        if late:
            _log.warning("handing_back", tasks=len(late))
            await asyncio.wait(late)

    async def _handle(self, delivery: Delivery) -> None:
        task_id = delivery.message.task_id
        with structlog.contextvars.bound_contextvars(task_id=str(task_id)):
            try:
                await failpoint("delivered")
                async with self._turns.setdefault(task_id, asyncio.Lock()):
                    with tracing.span("task", kind="consumer", parent=delivery.trace_context):
                        await self._attempt(delivery)
            except asyncio.CancelledError:
                await delivery.requeue()
                raise
            except DependencyUnavailable as error:
                _log.warning("delivery_postponed", dependency=error.dependency, detail=error.detail)
                await _requeue_later(delivery)
            except Exception:  # noqa: BLE001 - a bug with one task must not stop the worker
                _log.exception("delivery_crashed")
                await _requeue_later(delivery)

    async def _attempt(self, delivery: Delivery) -> None:
        task_id = delivery.message.task_id
        is_known = await self._executor.execute(task_id, redelivered=delivery.redelivered)
        if is_known or await self._tasks.exists(task_id):
            await delivery.ack()
            await failpoint("acked")
        else:
            _log.warning("task_unknown")
            await delivery.reject()


async def _requeue_later(delivery: Delivery) -> None:
    try:
        await asyncio.sleep(_PAUSE_SECONDS)
    finally:
        await delivery.requeue()


@asynccontextmanager
async def consuming(
    broker: Broker, consumer: Consumer, *, slots: int, drain_seconds: float, give_up: GiveUp
) -> AsyncIterator[None]:
    """Consume while the body runs. Then accept no more deliveries and drain; only then close their connection."""
    async with broker.subscribe(prefetch=concurrent_attempts(slots)) as subscription:
        try:
            async with supervised(consumer.consume(subscription), part="consumer", give_up=give_up):
                yield
        finally:
            await subscription.stop()
            await consumer.drain(drain_seconds)
