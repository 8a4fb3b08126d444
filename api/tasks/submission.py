"""Creates a task: first the row, then the message. The row is authoritative, so a lost message loses no task."""

from uuid import UUID

import structlog

from api.tasks.idempotency import check_same
from api.tasks.spec import RenderSpec
from broker import Broker
from core import tracing
from core.errors import DependencyUnavailable
from core.failpoints import failpoint
from core.ids import uuid7
from core.messages import TaskQueued
from core.tasks import Task
from core.telemetry import PUBLISH_FAILURES, TASKS_SUBMITTED
from storage import IdempotencyKey, NewImage, Storage, StoredImage

_log = structlog.get_logger(__name__)


class Submission:
    def __init__(self, storage: Storage, broker: Broker) -> None:
        self._storage = storage
        self._broker = broker

    async def submit(
        self,
        spec: RenderSpec,
        image: NewImage | StoredImage,
        *,
        owner_id: UUID,
        request_id: str,
        idempotency: IdempotencyKey | None = None,
    ) -> Task:
        """Create and publish the task. Once this has returned, the task will end, whichever process dies."""
        await failpoint("before_insert")
        task_id = uuid7()
        task = await self._storage.tasks.create(
            task_id=task_id,
            owner_id=owner_id,
            image=None if isinstance(image, StoredImage) else image,
            image_id=image.image_id,
            source_key=image.key,
            pipeline=spec.pipeline.as_json(),
            output_options=spec.output.model_dump(mode="json"),
            request_id=request_id,
            file_name=spec.name_output(image.file_name),
            trace_context=tracing.context(),
            auxiliary_image_ids=[step.image_id for _, step in spec.pipeline.auxiliary_images],
            idempotency=idempotency,
        )
        if task.task_id != task_id:
            return await self._first(task, image, idempotency)
        await failpoint("committed")
        TASKS_SUBMITTED.inc()
        _log.info("task_submitted", task_id=str(task.task_id))
        await self._publish(task)
        await failpoint("before_answer")
        return task

    async def _first(self, task: Task, image: NewImage | StoredImage, idempotency: IdempotencyKey | None) -> Task:
        """Return the task of another request with the same key, which was faster, and delete what this one stored."""
        if not isinstance(image, StoredImage):
            await self._storage.objects.discard([image.key])
        check_same(task, idempotency)
        return task

    async def _publish(self, task: Task) -> None:
        """Publish the task. The sweep publishes it later if this fails."""
        try:
            with tracing.span("publish", kind="producer"):
                message = TaskQueued(task_id=task.task_id, source_key=task.source_key)
                await self._broker.publish(message, trace_context=tracing.context())
            await failpoint("published")
            await self._storage.tasks.mark_published(task.task_id)
        except DependencyUnavailable as error:
            PUBLISH_FAILURES.inc()
            _log.warning("publish_failed", task_id=str(task.task_id), detail=error.detail)
