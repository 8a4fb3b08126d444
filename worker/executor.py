"""Executes one attempt at a task: claims it, renders it and records the end while the claim is still valid."""

import asyncio
from dataclasses import dataclass
from uuid import UUID

import structlog

from core import tracing
from core.errors import (
    DarkroomError,
    DependencyUnavailable,
    InvalidPipeline,
    PermanentError,
    RenderTimeout,
    TransientError,
)
from core.failpoints import failpoint
from core.retries import backoff_seconds
from core.tasks import Task, TaskStatus
from core.telemetry import ATTEMPTS, TASK_WAIT_SECONDS
from rendering import Renderer
from storage import Storage
from worker.lease import MISSED_HEARTBEAT_SECONDS, LeaseLost, keep_alive
from worker.orphans import output_keys
from worker.outputs.produce import produce
from worker.outputs.results import Result
from worker.retries import retry_while_unavailable
from worker.task_metrics import count_end

_log = structlog.get_logger()
_POLL_SECONDS = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Executor:
    storage: Storage
    renderer: Renderer
    worker_id: str
    lease_seconds: float
    retry_base_seconds: float
    max_source_bytes: int

    async def execute(self, task_id: UUID, *, redelivered: bool) -> bool:
        """Claim the task, and render it until it ends, is retried or lost. Return False if it could not be claimed.

        Raises DependencyUnavailable if the end could not be recorded. On cancellation the task is handed back.
        """
        task, claimed_at = await self._claim(
            task_id, missed_heartbeat_seconds=MISSED_HEARTBEAT_SECONDS if redelivered else None
        )
        if not task:
            return False
        with structlog.contextvars.bound_contextvars(
            request_id=task.request_id, user_id=str(task.owner_id), attempt=task.attempt
        ):
            outcome = await self._hold(task, claimed_at=claimed_at)
            ATTEMPTS.labels(outcome).inc()
            _describe(task, outcome)
            _log.info("attempt_ended", outcome=outcome)
        return True

    async def _claim(self, task_id: UUID, *, missed_heartbeat_seconds: float | None) -> tuple[Task | None, float]:
        """Return the claimed task, and the loop's time before the claim.

        The previous holder of a redelivered message may be alive: wait until its lease is renewed or missed.
        """
        tasks, loop = self.storage.tasks, asyncio.get_running_loop()
        give_up_at = loop.time() + 2 * (missed_heartbeat_seconds or 0)
        while True:
            claimed_at = loop.time()
            task = await self._claim_now(task_id, missed_heartbeat_seconds=missed_heartbeat_seconds)
            if task or claimed_at >= give_up_at or await tasks.status(task_id) is not TaskStatus.RUNNING:
                return task, claimed_at
            await asyncio.sleep(_POLL_SECONDS)

    async def _claim_now(self, task_id: UUID, *, missed_heartbeat_seconds: float | None) -> Task | None:
        """Claim the task if it is free. A cancellation waits for the outcome: what was claimed is handed back."""
        claim = self.storage.tasks.claim(
            task_id,
            worker_id=self.worker_id,
            lease_seconds=self.lease_seconds,
            missed_heartbeat_seconds=missed_heartbeat_seconds,
        )
        claiming = asyncio.create_task(claim)
        try:
            return await asyncio.shield(claiming)
        except asyncio.CancelledError:
            await asyncio.wait({claiming})
            if not claiming.exception() and (task := claiming.result()):
                await self._hand_back(task)
            raise

    async def _hold(self, task: Task, *, claimed_at: float) -> str:
        """Keep the lease alive during the attempt. Return its outcome."""
        if task.attempt == 1 and task.started_at:
            TASK_WAIT_SECONDS.observe((task.started_at - task.created_at).total_seconds())
        try:
            async with keep_alive(self.storage.tasks, task, lease_seconds=self.lease_seconds, claimed_at=claimed_at):
                return await self._attempt(task)
        except LeaseLost:
            await self._discard_outputs(task)
            return "lost"
        except asyncio.CancelledError:
            await self._hand_back(task)
            raise

    async def _attempt(self, task: Task) -> str:
        try:
            await failpoint("claimed")
            result = await produce(
                task, storage=self.storage, renderer=self.renderer, max_source_bytes=self.max_source_bytes
            )
            return await self._commit(task, result)
        except (PermanentError, InvalidPipeline) as error:
            return await self._fail(task, error)
        except RenderTimeout as error:
            # It would most likely come again: once more, in case the machine was busy.
            if task.attempt > 1:
                return await self._fail(task, error)
            return await self._retry(task, code=error.code, detail=error.detail)
        except TransientError as error:
            return await self._retry(task, code=error.code, detail=error.detail)
        except Exception:  # noqa: BLE001 - after a bug the task is retried, and fails after its last attempt
            _log.exception("attempt_crashed")
            return await self._retry(task, code=DarkroomError.code, detail="The worker met an unexpected error.")

    async def _commit(self, task: Task, result: Result) -> str:
        tasks, output = self.storage.tasks, result.output
        columns = {"analysis": result.analysis, "render_report": result.render_report}
        if not await retry_while_unavailable(
            lambda: tasks.succeed(task.task_id, task.attempt, output=output, **columns)
        ):
            # Lost, unless this is a retry and only the response to the first statement was lost.
            current = await tasks.get(task.task_id, owner_id=task.owner_id)
            if not (current and current.output and current.output.key == output.key):
                await self.storage.objects.discard([output.key])
                return "lost"
        await failpoint("ended")
        await self._report_end(task, TaskStatus.SUCCEEDED, code="")
        return "succeeded"

    async def _fail(self, task: Task, error: PermanentError | InvalidPipeline | RenderTimeout) -> str:
        tasks, code, detail = self.storage.tasks, error.code, error.detail
        _log.warning("attempt_failed", code=code, detail=detail)
        if not await retry_while_unavailable(lambda: tasks.fail(task.task_id, task.attempt, code=code, detail=detail)):
            return "lost"
        await self._report_end(task, TaskStatus.FAILED, code=code)
        return "failed"

    async def _retry(self, task: Task, *, code: str, detail: str) -> str:
        _log.warning("attempt_failed", code=code, detail=detail)
        tasks, delay_seconds = self.storage.tasks, backoff_seconds(task.attempt, base_seconds=self.retry_base_seconds)
        status = await retry_while_unavailable(
            lambda: tasks.retry(task.task_id, task.attempt, delay_seconds=delay_seconds, code=code, detail=detail)
        )
        if status is TaskStatus.FAILED:
            await self._report_end(task, TaskStatus.FAILED, code=code)
            return "failed"
        return "retried" if status else "lost"

    async def _hand_back(self, task: Task) -> None:
        try:
            if await self.storage.tasks.hand_back(task.task_id, task.attempt):
                ATTEMPTS.labels("handed_back").inc()
            await self._discard_outputs(task)
        except DependencyUnavailable as error:
            _log.warning("task_not_handed_back", detail=error.detail)

    async def _report_end(self, task: Task, status: TaskStatus, *, code: str) -> None:
        self.storage.notifications.notify(task.task_id)
        count_end(task, status, code=code)
        await self.storage.objects.discard(output_keys(task, range(1, task.attempt)))

    async def _discard_outputs(self, task: Task) -> None:
        """Delete what this attempt may have uploaded, unless the row names it or may still come to name it."""
        try:
            current = await self.storage.tasks.get(task.task_id, owner_id=task.owner_id)
        except DependencyUnavailable as error:
            _log.warning("outputs_left_behind", detail=error.detail)
            return
        is_held = current and current.status is TaskStatus.RUNNING and current.attempt == task.attempt
        if not is_held:
            await self.storage.objects.discard(output_keys(current or task, [task.attempt]))


def _describe(task: Task, outcome: str) -> None:
    """Add attributes to the span of the task, which is the current one."""
    ids = {"darkroom.task_id": str(task.task_id), "darkroom.request_id": task.request_id or ""}
    tracing.describe({**ids, "darkroom.attempt": task.attempt, "darkroom.outcome": outcome})
