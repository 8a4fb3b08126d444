"""Creates a task: first the row, then the message. The row is authoritative, so a lost message loses no task."""

from uuid import UUID

import structlog

from api.schemas import TaskOptionsBody
from api.tasks.idempotency import check_same
from api.tasks.publisher import Publisher
from api.tasks.spec import RenderSpec
from api.uploads.incoming import recording
from core import tracing
from core.failpoints import failpoint
from core.ids import uuid7
from core.tasks import Task
from core.telemetry import TASKS_SUBMITTED
from storage import IdempotencyKey, NewImage, Storage, StoredImage

_log = structlog.get_logger(__name__)


class Submission:
    def __init__(self, storage: Storage, publisher: Publisher, *, shares_outputs: bool) -> None:
        self._storage = storage
        self._publisher = publisher
        self._shares_outputs = shares_outputs

    async def submit(  # noqa: PLR0913 - what a task is made of
        self,
        spec: RenderSpec,
        image: NewImage | StoredImage,
        *,
        options: TaskOptionsBody,
        owner_id: UUID,
        request_id: str,
        idempotency: IdempotencyKey | None = None,
    ) -> Task:
        """Create the task and begin to publish it. It will end, whichever process dies after this has returned."""
        await failpoint("before_insert")
        task_id = uuid7()
        async with recording(self._storage.objects, image):
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
                disposition=options.disposition,
                labels=options.labels,
                trace_context=tracing.context(),
                auxiliary_image_ids=[step.image_id for _, step in spec.pipeline.auxiliary_images],
                preset=spec.preset.version if spec.preset else None,
                render_digest=spec.digest(str(owner_id), image.sha256) if self._shares_outputs else None,
                idempotency=idempotency,
            )
        if task.task_id != task_id:
            return await self._first(task, image, idempotency)
        await failpoint("committed")
        TASKS_SUBMITTED.inc()
        _log.info("task_submitted", task_id=str(task.task_id))
        await self._publisher.publish(task)
        await failpoint("before_answer")
        return task

    async def _first(self, task: Task, image: NewImage | StoredImage, idempotency: IdempotencyKey | None) -> Task:
        """Return the task of another request with the same key, which was faster, and delete what this one stored."""
        if not isinstance(image, StoredImage):
            await self._storage.objects.discard([image.key])
        check_same(task, idempotency)
        return task
