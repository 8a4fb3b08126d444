"""Creation of tasks, on an uploaded or a stored image."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from api.dependencies import OpenLinks, Resources, TaskUser, resources_of
from api.errors import error_responses
from api.openapi import TASK_BODY
from api.quotas import BUSY
from api.requests.labels import LABEL_FIELDS, parse_labels
from api.requests.prefer_wait import PreferWait
from api.schemas import NewTaskBody, TaskOptionsBody, TaskView
from api.server.path_prefix import prefix_of
from api.tasks.auxiliary_images import check_auxiliary_images, check_source
from api.tasks.idempotency import KeyHeader, identify
from api.tasks.spec import SPEC_FIELDS, RenderSpec, check_format, parse_form
from api.uploads.bodies import BODY_ERRORS, read_json
from api.uploads.forms import Fields, read_form
from api.uploads.incoming import receiving
from api.uploads.multipart import is_multipart
from core import errors
from core.tasks import Task

_ACCEPTED = "multipart/form-data with the field `image`, or as application/json with an `image_id`"
_FIELDS = SPEC_FIELDS | LABEL_FIELDS | {"disposition"}

router = APIRouter(prefix="/v1/tasks", tags=["tasks"])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Context:
    """Who submits the task, with which key."""

    resources: Resources
    owner_id: UUID
    request_id: str
    key: str | None


async def _new_task(
    request: Request,
    user: TaskUser,
    idempotency_key: KeyHeader = None,
) -> Task:
    context = _Context(
        resources=resources_of(request),
        owner_id=user.user_id,
        request_id=request.state.request_id,
        key=idempotency_key,
    )
    create = _from_form if is_multipart(request.headers.get("content-type", "")) else _from_json
    async with context.resources.idempotency.holding(idempotency_key, owner_id=user.user_id):
        return await create(request, context)


NewTask = Annotated[Task, Depends(_new_task)]


async def _from_form(request: Request, context: _Context) -> Task:
    """Create a task on the image in the form.

    Fields that precede the image are validated before it is stored, others before it is complete. With a key that was
    used before, the image is only compared with that of the first request.
    """
    resources, owner_id, max_bytes = context.resources, context.owner_id, context.resources.max_upload_bytes
    receive = receiving(resources.storage.objects, max_bytes=max_bytes)

    async def read(fields: Fields) -> tuple[RenderSpec, TaskOptionsBody]:
        spec = await resources.presets.spec(*parse_form(fields), owner_id=owner_id)
        return spec, parse_labels(fields, TaskOptionsBody)

    async with resources.quotas.uploading(owner_id), receive as incoming:
        fields = await read_form(request, incoming, max_bytes=max_bytes, names=_FIELDS, check=read)
        spec, options = await read(fields)
        idempotency = identify(context.key, spec, options, image=incoming.sha256)
        if first := await resources.idempotency.first(idempotency, owner_id=owner_id):
            return first
        check_format(spec, incoming.format)
        await check_auxiliary_images(spec, resources.storage.images, owner_id=owner_id)
        image = await incoming.complete()
    return await resources.submission.submit(
        spec, image, options=options, owner_id=owner_id, request_id=context.request_id, idempotency=idempotency
    )


async def _from_json(request: Request, context: _Context) -> Task:
    """Create a task on a stored image."""
    resources, owner_id = context.resources, context.owner_id
    body = await read_json(request, NewTaskBody, accepted=_ACCEPTED)
    spec = await resources.presets.spec(body.steps, body.output, body.file_name, owner_id=owner_id)
    idempotency = identify(context.key, spec, body, image=str(body.image_id))
    if first := await resources.idempotency.first(idempotency, owner_id=owner_id):
        return first
    image = await resources.storage.images.get(body.image_id, owner_id=owner_id)
    if image is None:
        raise errors.NotFound("Image not found.")
    check_source(image)
    check_format(spec, image.format)
    await check_auxiliary_images(spec, resources.storage.images, owner_id=owner_id)
    return await resources.submission.submit(
        spec, image, options=body, owner_id=owner_id, request_id=context.request_id, idempotency=idempotency
    )


@router.post(
    "",
    status_code=HTTPStatus.ACCEPTED,
    summary="Apply filters to an image",
    openapi_extra=TASK_BODY,
    responses={
        HTTPStatus.OK.value: {"model": TaskView, "description": "The task finished within the requested wait."},
        **error_responses(
            errors.Unauthenticated,
            errors.NotFound,
            errors.RequestInProgress,
            errors.IdempotencyKeyReused,
            errors.UnsupportedImage,
            errors.UnsupportedMediaType,
            errors.InvalidPipeline,
            errors.InvalidOutput,
            *BUSY,
            *BODY_ERRORS,
        ),
    },
)
async def submit_task(
    request: Request, new: NewTask, response: Response, links: OpenLinks, wait: PreferWait
) -> TaskView:
    """Create a task: a multipart body contains the image, a JSON body refers to one that was uploaded before."""
    task = await wait.until_ended(new)
    response.headers["Location"] = f"{prefix_of(request)}/v1/tasks/{task.task_id}"
    if wait.seconds is not None and task.status.is_final:
        response.status_code = HTTPStatus.OK
    return TaskView.of(await links.refresh(task), expires_at=links.expires_at(task.finished_at))
