"""Previews of pipelines, and thumbnails of images and outputs."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response

from api.dependencies import MyTask, OpenResources, PreviewingUser
from api.errors import error_responses
from api.openapi import json_body
from api.previews.responses import respond
from api.quotas import BUSY
from api.routes.tasks import output_of
from api.schemas import PreviewBody
from api.uploads.bodies import JSON_BODY_ERRORS, read_json
from core import errors

router = APIRouter(prefix="/v1", tags=["previews"])
_OF_RENDERS = (errors.Unauthenticated, errors.NotFound, errors.InvalidRequest, errors.PermanentError, *BUSY)
_NOT_MODIFIED: dict[int | str, dict[str, Any]] = {
    HTTPStatus.NOT_MODIFIED.value: {"description": "The client has the current version."}
}


@router.post(
    "/previews",
    summary="Preview a pipeline",
    openapi_extra=json_body(PreviewBody),
    response_class=Response,
    responses=error_responses(*_OF_RENDERS, errors.InvalidPipeline, errors.InvalidOutput, *JSON_BODY_ERRORS),
)
async def create_preview(request: Request, user: PreviewingUser, resources: OpenResources) -> Response:
    """Return what a task would give, made smaller. It is rendered from a small copy and not kept."""
    body = await read_json(request, PreviewBody)
    wanted = await resources.previews.preview(
        user.user_id, body.image_id, pipeline=body.steps, output=body.output, max_side=body.max_side
    )
    return await respond(request, resources.previews, wanted)


@router.get(
    "/images/{image_id}/thumbnail",
    summary="Get a thumbnail of an image",
    response_class=Response,
    responses={**_NOT_MODIFIED, **error_responses(*_OF_RENDERS)},
)
async def get_image_thumbnail(
    request: Request, image_id: UUID, user: PreviewingUser, resources: OpenResources
) -> Response:
    """Return a WebP of at most 256 pixels a side."""
    return await respond(request, resources.previews, await resources.previews.thumbnail(user.user_id, image_id))


@router.get(
    "/tasks/{task_id}/thumbnail",  # noqa: FAST003 - MyTask reads it
    summary="Get a thumbnail of an output",
    response_class=Response,
    responses={**_NOT_MODIFIED, **error_responses(*_OF_RENDERS, errors.TaskNotSucceeded)},
)
async def get_task_thumbnail(request: Request, task: MyTask, _: PreviewingUser, resources: OpenResources) -> Response:
    """Return a WebP of at most 256 pixels a side."""
    return await respond(request, resources.previews, resources.previews.task_thumbnail(task, output_of(task)))
