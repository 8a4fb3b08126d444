"""Source images, uploaded once and used by many tasks."""

from dataclasses import replace
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

import structlog
from fastapi import APIRouter, Query, Request, Response

from api.bulk_delete import CreatedBefore, delete_in_batches
from api.dependencies import CurrentUser, ImageUser, OpenLinks, OpenResources, OpenStorage, Resources
from api.errors import error_responses
from api.openapi import IMAGE_BODY
from api.quotas import BUSY
from api.requests.labels import LABEL_FIELDS, LabelQuery, LabelSearch, parse_labels
from api.requests.paging import DEFAULT_LIMIT, Cursor, PageLimit, cursor_of, position_of
from api.schemas import DeletedView, ImageView, LabelsBody, LinkedImageView, PageView
from api.server.path_prefix import prefix_of
from api.tasks.idempotency import KeyHeader, check_same_image
from api.uploads.bodies import BODY_ERRORS
from api.uploads.forms import read_form
from api.uploads.incoming import IncomingImage, read_raw, receiving, recording
from api.uploads.multipart import is_multipart
from core import errors
from core.labels import Labels
from core.logs import audit_log
from imaging import CUBE, READABLE
from storage import Removed, StoredImage

_log = structlog.get_logger(__name__)
_audit = audit_log(__name__)
router = APIRouter(prefix="/v1/images", tags=["images"])
_MINE = (errors.Unauthenticated, errors.NotFound, errors.InvalidRequest)


@router.post(
    "",
    status_code=HTTPStatus.CREATED,
    summary="Upload an image",
    openapi_extra=IMAGE_BODY,
    responses=error_responses(
        errors.Unauthenticated,
        errors.RequestInProgress,
        errors.IdempotencyKeyReused,
        errors.UnsupportedImage,
        *BUSY,
        *BODY_ERRORS,
    ),
)
async def upload_image(  # noqa: PLR0913, PLR0917 - what FastAPI resolves
    request: Request,
    response: Response,
    user: ImageUser,
    resources: OpenResources,
    labels: LabelQuery,
    idempotency_key: KeyHeader = None,
) -> ImageView:
    """Upload an image as a form or as the body. Labels are fields of the form, or query parameters."""
    async with resources.idempotency.holding_image(idempotency_key, owner_id=user.user_id):
        stored = await _store(request, resources, user.user_id, labels, key=idempotency_key)
    response.headers["Location"] = f"{prefix_of(request)}/v1/images/{stored.image_id}"
    return ImageView.of(stored, expires_at=None)


async def _store(
    request: Request, resources: Resources, owner_id: UUID, labels: Labels, *, key: str | None
) -> StoredImage:
    max_bytes = resources.max_upload_bytes
    read = _read_form if is_multipart(request.headers.get("content-type", "")) else _read_raw
    receive = receiving(resources.storage.objects, max_bytes=max_bytes, formats=(*READABLE, CUBE))
    async with resources.quotas.uploading(owner_id), receive as incoming:
        labels = await read(request, incoming, labels, max_bytes=max_bytes)
        if first := await resources.idempotency.first_image(
            key, owner_id=owner_id, sha256=incoming.sha256, labels=labels
        ):
            return first
        image = await incoming.complete()
    labelled = replace(image, reference=labels.reference, tags=labels.tags, idempotency_key=key)
    async with recording(resources.storage.objects, image):
        stored = await resources.storage.images.create(owner_id, labelled)
    if stored.image_id != image.image_id:  # another request with this key was faster
        await resources.storage.objects.discard([image.key])
        check_same_image(stored, sha256=image.sha256, labels=labels)
        return stored
    _log.info("image_uploaded", image_id=str(stored.image_id))
    return stored


async def _read_raw(request: Request, incoming: IncomingImage, labels: Labels, *, max_bytes: int) -> Labels:
    await read_raw(request, incoming, max_bytes=max_bytes)
    return labels


async def _read_form(request: Request, incoming: IncomingImage, labels: Labels, *, max_bytes: int) -> Labels:
    """Return the labels of the form; those of the query if it has none."""
    fields = await read_form(request, incoming, max_bytes=max_bytes, names=LABEL_FIELDS)
    return parse_labels(fields, LabelsBody).labels if fields else labels


@router.get(
    "", summary="List images, newest first", responses=error_responses(errors.Unauthenticated, errors.InvalidRequest)
)
async def list_images(
    user: CurrentUser, links: OpenLinks, labels: LabelSearch, limit: PageLimit = DEFAULT_LIMIT, cursor: Cursor = None
) -> PageView[ImageView]:
    images = await links.storage.images.list(user.user_id, labels=labels, limit=limit + 1, before=position_of(cursor))
    return PageView(
        items=[ImageView.of(image, expires_at=links.expires_at(image.unused_since)) for image in images[:limit]],
        next_cursor=cursor_of([image.image_id for image in images], limit=limit),
    )


@router.get("/{image_id}", summary="Get an image with a download link", responses=error_responses(*_MINE))
async def get_image(image_id: UUID, user: CurrentUser, storage: OpenStorage, links: OpenLinks) -> LinkedImageView:
    image = await storage.images.get(image_id, owner_id=user.user_id)
    if image is None:
        raise errors.NotFound("Image not found.")
    link = await links.sign_image(image)
    view = ImageView.of(image, expires_at=links.expires_at(image.unused_since))
    return LinkedImageView(**dict(view), url=link.url, url_expires_at=link.expires_at)


@router.delete(
    "",
    summary="Delete images by age and use",
    responses=error_responses(errors.Unauthenticated, errors.InvalidRequest),
)
async def delete_images(
    user: CurrentUser,
    storage: OpenStorage,
    created_before: CreatedBefore,
    unused: Annotated[bool, Query(description="Only images that are the source of no task.")] = False,  # noqa: FBT002 - a query parameter
) -> DeletedView:
    """Delete the images that match, the oldest first. Those that an unfinished task needs are kept.

    At most 1,000 are deleted: repeat the request while `has_more` is true.
    """

    async def delete_some(limit: int) -> Removed:
        return await storage.images.delete_some(
            owner_id=user.user_id, only_unused=unused, created_before=created_before, limit=limit
        )

    removed = await delete_in_batches(delete_some, storage.objects)
    _audit.info("images_deleted", images=removed.count)
    return DeletedView(deleted=removed.count, has_more=removed.has_more)


@router.delete(
    "/{image_id}",
    status_code=HTTPStatus.NO_CONTENT,
    summary="Delete an image",
    responses=error_responses(*_MINE, errors.ImageInUse),
)
async def delete_image(image_id: UUID, user: CurrentUser, storage: OpenStorage) -> None:
    keys = await storage.images.delete(image_id, owner_id=user.user_id)
    if keys is None:
        raise errors.NotFound("Image not found.")
    await storage.objects.discard(keys)
    _audit.info("image_deleted", image_id=str(image_id))
