"""Produces the output of an attempt: downloads its images, renders them and uploads the result."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from core import tracing
from core.failpoints import failpoint
from core.keys import output_key
from core.tasks import Output, Task
from imaging import MAX_AUXILIARY_BYTES, MEDIA_TYPES, extension
from rendering import RenderedOutput, Renderer
from storage import ObjectStore, Storage
from worker.retries import retry_while_unavailable

type Json = dict[str, Any] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """An uploaded output, with the columns that are stored beside it."""

    output: Output
    analysis: Json
    render_report: Json


async def produce(task: Task, *, storage: Storage, renderer: Renderer, max_source_bytes: int) -> Result:
    """Render the task once.

    Raises PermanentError or InvalidPipeline if it can never succeed, TransientError if it may at another time.
    """
    with tracing.span("download"):
        source = await _download(storage.objects, task.source_key, max_bytes=max_source_bytes)
        auxiliary_images = await _auxiliary_images(task, storage)
    with tracing.span("render"):
        rendered = await renderer.render(
            source, pipeline=task.pipeline, output_options=task.output_options, auxiliary_images=auxiliary_images
        )
    del source, auxiliary_images  # not needed during the upload, which may wait for a server
    await failpoint("rendered")
    report = _report(rendered)
    output = await _upload(task, rendered, storage.objects)
    return Result(output=output, analysis=rendered.analysis, render_report=report)


def _report(rendered: RenderedOutput) -> Json:
    """Return the render report with the warnings, which share its column."""
    warnings = [each.model_dump(mode="json") for each in rendered.warnings]
    return {**rendered.report.model_dump(mode="json"), "warnings": warnings} if rendered.report else None


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
    key = output_key(task.task_id, task.attempt, rendered.format)
    media_type, file_name = MEDIA_TYPES[rendered.format], f"{task.output_name}.{extension(rendered.format)}"
    with tracing.span("upload"):
        await retry_while_unavailable(
            lambda: _store(objects, key, rendered.data, media_type=media_type, file_name=file_name)
        )
    await failpoint("uploaded")
    link = await objects.sign_get(key, media_type=media_type, file_name=file_name, inline=task.is_shown_inline)
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


async def _store(objects: ObjectStore, key: str, data: bytes, *, media_type: str, file_name: str) -> None:
    opening = objects.open_upload(key, media_type=media_type, file_name=file_name, is_repeated=True)
    async with opening as upload:
        await upload.write(data)
        await failpoint("mid_upload")
        await upload.complete()
