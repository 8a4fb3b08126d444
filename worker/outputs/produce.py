"""Produces the output of an attempt: downloads its images, renders them and uploads the result."""

from uuid import UUID

from core import tracing
from core.failpoints import failpoint
from core.tasks import Output, Task
from imaging import MAX_AUXILIARY_BYTES
from rendering import RenderedOutput, Renderer
from storage import ObjectStore, Storage
from worker.outputs.results import Result, Target
from worker.outputs.sharing import copy_shared
from worker.retries import retry_while_unavailable


async def produce(task: Task, *, storage: Storage, renderer: Renderer, max_source_bytes: int) -> Result:
    """Render the task once.

    Raises PermanentError or InvalidPipeline if it can never succeed, TransientError if it may at another time.
    """
    if shared := await copy_shared(task, storage):
        return shared
    with tracing.span("download"):
        source = await _download(storage.objects, task.source_key, max_bytes=max_source_bytes)
        auxiliary_images = await _auxiliary_images(task, storage)
    with tracing.span("render"):
        rendered = await renderer.render(
            source, pipeline=task.pipeline, output_options=task.output_options, auxiliary_images=auxiliary_images
        )
    del source, auxiliary_images  # not needed during the upload, which may wait for a server
    await failpoint("rendered")
    report = rendered.report_with_warnings()
    output = await _upload(task, rendered, storage.objects)
    return Result(output=output, analysis=rendered.analysis, render_report=report)


async def _auxiliary_images(task: Task, storage: Storage) -> dict[UUID, bytes]:
    """Download them by the keys in the database. Those that were deleted meanwhile are missing."""
    if not any("image_id" in step for step in task.pipeline):
        return {}
    keys = await retry_while_unavailable(lambda: storage.images.auxiliary_keys(task.task_id))
    return {
        image_id: await _download(storage.objects, key, max_bytes=MAX_AUXILIARY_BYTES) for image_id, key in keys.items()
    }


async def _download(objects: ObjectStore, key: str, *, max_bytes: int) -> bytes:
    return await retry_while_unavailable(lambda: objects.get(key, max_bytes=max_bytes))


async def _upload(task: Task, rendered: RenderedOutput, objects: ObjectStore) -> Output:
    target = Target.of(task, rendered.format)
    with tracing.span("upload"):
        await retry_while_unavailable(lambda: _store(objects, target, rendered.data))
    await failpoint("uploaded")
    return await target.describe(
        objects,
        width=rendered.width,
        height=rendered.height,
        size=len(rendered.data),
        sha256=rendered.sha256,
    )


async def _store(objects: ObjectStore, target: Target, data: bytes) -> None:
    opening = objects.open_upload(
        target.key, media_type=target.media_type, file_name=target.file_name, is_repeated=True
    )
    async with opening as upload:
        await upload.write(data)
        await failpoint("mid_upload")
        await upload.complete()
