"""Source images, uploaded once and used by many tasks."""

from http import HTTPStatus
from uuid import UUID

from fastapi import APIRouter, Request, Response

from api.dependencies import CurrentSession, ImageSession, OpenLinks, OpenResources, OpenStorage
from api.errors import error_responses
from api.openapi import IMAGE_BODY
from api.paging import DEFAULT_LIMIT, Cursor, PageLimit, cursor_of, position_of
from api.quotas import BUSY
from api.schemas import ImageView, LinkedImageView, PageView
from api.server.path_prefix import prefix_of
from api.uploads.bodies import BODY_ERRORS
from api.uploads.incoming import read_form, read_raw, receiving
from api.uploads.multipart import is_multipart
from core import errors
from imaging import CUBE, READABLE

router = APIRouter(prefix="/v1/images", tags=["images"])
_MINE = (errors.Unauthenticated, errors.NotFound, errors.InvalidRequest)


@router.post(
    "",
    status_code=HTTPStatus.CREATED,
    summary="Upload an image",
    openapi_extra=IMAGE_BODY,
    responses=error_responses(errors.Unauthenticated, errors.UnsupportedImage, *BUSY, *BODY_ERRORS),
)
async def upload_image(
    request: Request, response: Response, session: ImageSession, resources: OpenResources
) -> ImageView:
    max_bytes = resources.max_upload_bytes
    read = read_form if is_multipart(request.headers.get("content-type", "")) else read_raw
    receive = receiving(resources.storage.objects, max_bytes=max_bytes, formats=(*READABLE, CUBE))
    async with resources.quotas.uploading(session.user_id), receive as incoming:
        await read(request, incoming, max_bytes=max_bytes)
        image = await incoming.complete()
    stored = await resources.storage.images.create(session.user_id, image)
    response.headers["Location"] = f"{prefix_of(request)}/v1/images/{stored.image_id}"
    return ImageView.of(stored)


@router.get(
    "", summary="List images, newest first", responses=error_responses(errors.Unauthenticated, errors.InvalidRequest)
)
async def list_images(
    session: CurrentSession, storage: OpenStorage, limit: PageLimit = DEFAULT_LIMIT, cursor: Cursor = None
) -> PageView[ImageView]:
    images = await storage.images.list(session.user_id, limit=limit + 1, before=position_of(cursor))
    return PageView(
        items=[ImageView.of(image) for image in images[:limit]],
        next_cursor=cursor_of([image.image_id for image in images], limit=limit),
    )


@router.get("/{image_id}", summary="Get an image with a download link", responses=error_responses(*_MINE))
async def get_image(image_id: UUID, session: CurrentSession, storage: OpenStorage, links: OpenLinks) -> LinkedImageView:
    image = await storage.images.get(image_id, owner_id=session.user_id)
    if image is None:
        raise errors.NotFound("Image not found.")
    link = await links.sign_image(image)
    return LinkedImageView(**dict(ImageView.of(image)), url=link.url, url_expires_at=link.expires_at)


@router.delete(
    "/{image_id}",
    status_code=HTTPStatus.NO_CONTENT,
    summary="Delete an image",
    responses=error_responses(*_MINE, errors.ImageInUse),
)
async def delete_image(image_id: UUID, session: CurrentSession, storage: OpenStorage) -> None:
    key = await storage.images.delete(image_id, owner_id=session.user_id)
    if key is None:
        raise errors.NotFound("Image not found.")
    await storage.objects.discard([key])
