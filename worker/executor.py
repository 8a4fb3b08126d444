"""One attempt at one task: source in, render, output up, and the end written down while the claim still holds."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import structlog

from core import tracing
from core.errors import DarkroomError, DependencyUnavailable, PermanentError, TransientError
from core.failpoints import failpoint
from core.keys import output_key
from core.retries import backoff_seconds
from core.tasks import Output, Task, TaskStatus
from core.telemetry import ATTEMPTS, TASK_WAIT_SECONDS
from imaging import MAX_AUXILIARY_BYTES, MEDIA_TYPES, extension
from rendering import RenderedOutput, Renderer
from storage import Storage
from worker.lease import UNHEARD_SECONDS, LeaseLost, keep_alive
from worker.orphans import output_keys
from worker.task_metrics import count_end

type Json = dict[str, Any] | None

_log = structlog.get_logger()
_LOOK_AGAIN_SECONDS = 0.2
_PATIENCE_SECONDS = 60.0  # for a server that is away: not the task's fault, so it costs no attempt


@dataclass(frozen=True, slots=True, kw_only=True)
class Executor:
    storage: Storage
    renderer: Renderer
    worker_id: str
    lease_seconds: float
    retry_base_seconds: float
    max_source_bytes: int

    async def execute(self, task_id: UUID, *, redelivered: bool) -> bool:
        """Claim the task and see it through to an end, a retry or a loss; False when it is not to be claimed.

        Raises DependencyUnavailable when nothing could be written down. Cancelled, it hands the task back.
        """
        task, claimed_at = await self._claim(task_id, unheard_seconds=UNHEARD_SECONDS if redelivered else None)
        if not task:
            return False
        with structlog.contextvars.bound_contextvars(request_id=task.request_id, attempt=task.attempt):
            outcome = await self._hold(task, claimed_at=claimed_at)
            ATTEMPTS.labels(outcome).inc()
            _describe(task, outcome)
            _log.info("attempt_ended", outcome=outcome)
        return True

    async def _claim(self, task_id: UUID, *, unheard_seconds: float | None) -> tuple[Task | None, float]:
        """And the loop's time before it. Whoever had a redelivered message may live: their lease soon tells."""
        tasks, loop = self.storage.tasks, asyncio.get_running_loop()
        give_up_at = loop.time() + 2 * (unheard_seconds or 0)
        while True:
            claimed_at = loop.time()
            task = await tasks.claim(
                task_id, worker_id=self.worker_id, lease_seconds=self.lease_seconds, unheard_seconds=unheard_seconds
            )
            is_over = task or claimed_at >= give_up_at or await tasks.status(task_id) is not TaskStatus.RUNNING
            if is_over:
                return task, claimed_at
            await asyncio.sleep(_LOOK_AGAIN_SECONDS)

    async def _hold(self, task: Task, *, claimed_at: float) -> str:
        """What became of the attempt."""
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
            return await self._commit(task, *await self._produce(task))
        except PermanentError as error:
            return await self._fail(task, error)
        except TransientError as error:
            return await self._retry(task, code=error.code, detail=error.detail)
        except Exception:  # noqa: BLE001 - a bug is worth another attempt, and an end after the last one
            _log.exception("attempt_crashed")
            return await self._retry(task, code=DarkroomError.code, detail="The worker met an unexpected error.")

    async def _produce(self, task: Task) -> tuple[Output, Json, Json]:
        objects = self.storage.objects
        with tracing.span("download"):
            source = await _patiently(lambda: objects.get(task.source_key, max_bytes=self.max_source_bytes))
            pictures = await self._second_pictures(task)
        with tracing.span("render"):
            rendered = await self.renderer.render(
                source, pipeline=task.pipeline, output_options=task.output_options, auxiliary_images=pictures
            )
        del source, pictures
        await failpoint("rendered")
        report = rendered.report.model_dump(mode="json") if rendered.report else None
        return await self._upload(task, rendered), rendered.analysis, report

    async def _second_pictures(self, task: Task) -> dict[UUID, bytes]:
        """Their keys are in the database, not in the message. One that was deleted is missing, as a source may be."""
        if not any("image_id" in step for step in task.pipeline):
            return {}
        storage = self.storage
        keys = await _patiently(lambda: storage.images.second_keys(task.task_id))
        return {image_id: await self._fetch(key) for image_id, key in keys.items()}

    async def _fetch(self, key: str) -> bytes:
        return await _patiently(lambda: self.storage.objects.get(key, max_bytes=MAX_AUXILIARY_BYTES))

    async def _upload(self, task: Task, rendered: RenderedOutput) -> Output:
        objects, key = self.storage.objects, output_key(task.task_id, task.attempt, rendered.format)
        media_type, file_name = MEDIA_TYPES[rendered.format], f"{task.task_id}.{extension(rendered.format)}"
        with tracing.span("upload"):
            await _patiently(lambda: self._store(key, rendered.data, media_type=media_type, file_name=file_name))
        await failpoint("uploaded")
        link = await objects.sign_get(key, media_type=media_type, file_name=file_name)
        return Output(
            key=key,
            format=rendered.format,
            width=rendered.width,
            height=rendered.height,
            bytes=len(rendered.data),
            sha256=rendered.sha256,
            url=link.url,
            url_expires_at=link.expires_at,
        )

    async def _store(self, key: str, data: bytes, *, media_type: str, file_name: str) -> None:
        opening = self.storage.objects.open_upload(key, media_type=media_type, file_name=file_name, is_repeated=True)
        async with opening as upload:
            await upload.write(data)
            await failpoint("mid_upload")
            await upload.complete()

    async def _commit(self, task: Task, output: Output, analysis: Json, report: Json) -> str:
        tasks, attempt = self.storage.tasks, task.attempt
        if not await _patiently(
            lambda: tasks.succeed(task.task_id, attempt, output=output, analysis=analysis, render_report=report)
        ):
            # Lost, unless an earlier answer to the same statement was lost on its way.
            current = await tasks.get(task.task_id, owner_id=task.owner_id)
            if not (current and current.output and current.output.key == output.key):
                await self.storage.objects.delete([output.key])
                return "lost"
        await failpoint("ended")
        await self._note_end(task, TaskStatus.SUCCEEDED, code="")
        return "succeeded"

    async def _fail(self, task: Task, error: PermanentError) -> str:
        tasks, code, detail = self.storage.tasks, error.code, error.detail
        if not await _patiently(lambda: tasks.fail(task.task_id, task.attempt, code=code, detail=detail)):
            return "lost"
        await self._note_end(task, TaskStatus.FAILED, code=code)
        return "failed"

    async def _retry(self, task: Task, *, code: str, detail: str) -> str:
        tasks, delay_seconds = self.storage.tasks, backoff_seconds(task.attempt, base_seconds=self.retry_base_seconds)
        status = await _patiently(
            lambda: tasks.retry(task.task_id, task.attempt, delay_seconds=delay_seconds, code=code, detail=detail)
        )
        if status is TaskStatus.FAILED:
            await self._note_end(task, TaskStatus.FAILED, code=code)
            return "failed"
        _log.warning("attempt_failed", code=code, detail=detail)
        return "retried" if status else "lost"

    async def _hand_back(self, task: Task) -> None:
        try:
            if await self.storage.tasks.hand_back(task.task_id, task.attempt):
                ATTEMPTS.labels("handed_back").inc()
            await self._discard_outputs(task)
        except DependencyUnavailable as error:
            _log.warning("task_not_handed_back", detail=error.detail)

    async def _note_end(self, task: Task, status: TaskStatus, *, code: str) -> None:
        self.storage.notifications.notify(task.task_id)
        count_end(task, status, code=code)
        try:
            await self.storage.objects.delete(output_keys(task, range(1, task.attempt)))
        except DependencyUnavailable as error:
            _log.warning("outputs_left_to_the_sweep", detail=error.detail)

    async def _discard_outputs(self, task: Task) -> None:
        """Delete what this attempt may have uploaded, unless the row names it or may yet come to name it."""
        try:
            current = await self.storage.tasks.get(task.task_id, owner_id=task.owner_id)
            is_open = current and current.status is TaskStatus.RUNNING and current.attempt == task.attempt
            if not is_open:
                await self.storage.objects.delete(output_keys(current or task, [task.attempt]))
        except DependencyUnavailable as error:
            _log.warning("outputs_left_to_the_sweep", detail=error.detail)


async def _patiently[T](operation: Callable[[], Awaitable[T]]) -> T:
    """Try again while a server is away. The lease, kept alive meanwhile, or the drain may end it earlier."""
    loop = asyncio.get_running_loop()
    give_up_at, failures = loop.time() + _PATIENCE_SECONDS, 0
    while True:
        try:
            return await operation()
        except DependencyUnavailable as error:
            failures += 1
            if loop.time() > give_up_at:
                raise
            if failures == 1:
                _log.warning("waiting_for_dependency", dependency=error.dependency, detail=error.detail)
        await asyncio.sleep(backoff_seconds(min(failures, 4), base_seconds=0.5))


def _describe(task: Task, outcome: str) -> None:
    """For the task's span, which is the current one."""
    ids = {"darkroom.task_id": str(task.task_id), "darkroom.request_id": task.request_id or ""}
    tracing.describe({**ids, "darkroom.attempt": task.attempt, "darkroom.outcome": outcome})
