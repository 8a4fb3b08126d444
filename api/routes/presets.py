"""Presets of a user: named pipelines with output options, in versions."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from api.dependencies import CurrentUser, OpenResources, OpenStorage
from api.errors import error_responses
from api.openapi import json_body
from api.presets.references import NAME, VERSIONED_NAME, parse_reference
from api.requests.paging import DEFAULT_LIMIT, Cursor, PageLimit, cursor_of, position_of
from api.schemas import PageView, PresetBody, PresetView
from api.uploads.bodies import JSON_BODY_ERRORS, read_json
from core import errors

router = APIRouter(prefix="/v1/presets", tags=["presets"])
_MINE = (errors.Unauthenticated, errors.NotFound, errors.InvalidRequest)

Name = Annotated[str, Path(pattern=f"^{NAME}$", description="Lower-case letters, digits, `-` and `_`.")]
VersionedName = Annotated[
    str, Path(pattern=f"^{VERSIONED_NAME}$", description="`thumbnail`: the newest version; or `thumbnail.v3`.")
]


@router.put(
    "/{name}",
    summary="Save a preset",
    openapi_extra=json_body(PresetBody),
    responses={
        HTTPStatus.CREATED.value: {"model": PresetView, "description": "There was no such preset."},
        **error_responses(
            errors.Unauthenticated,
            errors.InvalidPipeline,
            errors.InvalidOutput,
            errors.QuotaExceeded,
            *JSON_BODY_ERRORS,
        ),
    },
)
async def save_preset(
    request: Request, response: Response, name: Name, user: CurrentUser, resources: OpenResources
) -> PresetView:
    """Each change is a new version. The same content again is no change."""
    body = await read_json(request, PresetBody)
    saved = await resources.presets.save(user.user_id, name, pipeline=body.pipeline, output=body.output)
    if saved.is_new:
        response.status_code = HTTPStatus.CREATED
    return PresetView.of(saved.preset)


@router.get(
    "", summary="List presets, newest first", responses=error_responses(errors.Unauthenticated, errors.InvalidRequest)
)
async def list_presets(
    user: CurrentUser, storage: OpenStorage, limit: PageLimit = DEFAULT_LIMIT, cursor: Cursor = None
) -> PageView[PresetView]:
    """The newest version of each."""
    presets = await storage.presets.list(user.user_id, limit=limit + 1, before=position_of(cursor))
    return PageView(
        items=[PresetView.of(preset) for preset in presets[:limit]],
        next_cursor=cursor_of([preset.preset_id for preset in presets], limit=limit),
    )


@router.get("/{name}", summary="Get a preset", responses=error_responses(*_MINE))
async def get_preset(name: VersionedName, user: CurrentUser, resources: OpenResources) -> PresetView:
    preset = await resources.presets.get(user.user_id, parse_reference(name))
    if preset is None:
        raise errors.NotFound("Preset not found.")
    return PresetView.of(preset)


@router.delete(
    "/{name}",
    status_code=HTTPStatus.NO_CONTENT,
    summary="Delete a preset with all its versions",
    responses=error_responses(*_MINE),
)
async def delete_preset(name: Name, user: CurrentUser, storage: OpenStorage) -> None:
    """Tasks that were created with it keep their pipeline. Should it be saved again, it gets the next version."""
    if not await storage.presets.delete(user.user_id, name):
        raise errors.NotFound("Preset not found.")
