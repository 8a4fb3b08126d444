"""Images by signed URL, and the keys and signatures that such URLs need."""

from collections.abc import Awaitable
from http import HTTPStatus
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response

from api.delivery.negotiation import Client
from api.delivery.responses import respond
from api.delivery.service import Delivery
from api.dependencies import CurrentSession, DeliveringUser, OpenResources, OpenStorage, Resources, resources_of
from api.errors import error_responses
from api.openapi import json_body
from api.schemas import DeliveryKeysView, DeliveryKeyView, DeliveryUrlView, NewDeliveryKeyView, NewDeliveryUrlBody
from api.server.hosts import base_url
from api.uploads.bodies import JSON_BODY_ERRORS, read_json
from core import errors
from core.logs import audit_log

router = APIRouter(tags=["delivery"])
# Its query is ignored: mail programs, social networks and caches add parameters, and only the path is signed.
public_router = APIRouter(tags=["delivery"])
# What a page shows another image for: of these, the signature was valid.
_WITH_FALLBACK = (errors.NotFound, errors.InvalidRequest, errors.PermanentError, errors.TransientError)
_DELIVERED: dict[int | str, dict[str, Any]] = {
    HTTPStatus.PARTIAL_CONTENT.value: {"description": "The requested range."},
    HTTPStatus.NOT_MODIFIED.value: {"description": "The client has the current version."},
    **error_responses(
        errors.LinkInvalid,
        errors.LinkExpired,
        errors.NotFound,
        errors.RangeNotSatisfiable,
        errors.InvalidPipeline,
        errors.InvalidOutput,
        errors.PermanentError,
        errors.TooManyConcurrentRequests,
        errors.Overloaded,
        errors.DependencyUnavailable,
    ),
}
_log = audit_log(__name__)


@router.post(
    "/v1/delivery-keys",
    status_code=HTTPStatus.CREATED,
    summary="Create a delivery key",
    responses=error_responses(errors.Unauthenticated, errors.QuotaExceeded),
)
async def create_delivery_key(session: CurrentSession, storage: OpenStorage) -> NewDeliveryKeyView:
    """Return its secret once. URLs that older keys signed stay valid until those are deleted."""
    key = await storage.delivery_keys.create(session.user_id)
    _log.info("delivery_key_created", key_id=str(key.key_id))
    return NewDeliveryKeyView.of_new(key)


@router.get("/v1/delivery-keys", summary="List delivery keys", responses=error_responses(errors.Unauthenticated))
async def list_delivery_keys(session: CurrentSession, storage: OpenStorage) -> DeliveryKeysView:
    keys = await storage.delivery_keys.list(session.user_id)
    return DeliveryKeysView(items=[DeliveryKeyView.of(key) for key in keys])


@router.delete(
    "/v1/delivery-keys/{delivery_key_id}",
    status_code=HTTPStatus.NO_CONTENT,
    summary="Delete a delivery key",
    responses=error_responses(errors.Unauthenticated, errors.NotFound, errors.InvalidRequest),
)
async def delete_delivery_key(delivery_key_id: UUID, session: CurrentSession, storage: OpenStorage) -> None:
    """URLs that it signed are rejected from then on, except where they are cached."""
    if not await storage.delivery_keys.delete(delivery_key_id, owner_id=session.user_id):
        raise errors.NotFound("Delivery key not found.")
    _log.info("delivery_key_deleted", key_id=str(delivery_key_id))


@router.post(
    "/v1/delivery-urls",
    summary="Sign a delivery URL",
    openapi_extra=json_body(NewDeliveryUrlBody),
    responses=error_responses(
        errors.Unauthenticated,
        errors.NotFound,
        errors.DeliveryKeyMissing,
        errors.InvalidPipeline,
        errors.InvalidOutput,
        *JSON_BODY_ERRORS,
    ),
)
async def sign_delivery_url(request: Request, user: DeliveringUser, resources: OpenResources) -> DeliveryUrlView:
    """Return a URL of the image, signed with the newest delivery key. Nothing is rendered yet."""
    body = await read_json(request, NewDeliveryUrlBody)
    path = await resources.deliveries.sign(user.user_id, body)
    base = base_url(request, public_url=resources.public_url)
    return DeliveryUrlView(url=f"{base}{path}", expires_at=body.expires_at)


@public_router.get(
    "/i/{signature}/{path:path}",
    summary="Get an image by its signed URL",
    response_class=Response,
    responses=_DELIVERED,
)
async def get_delivery(request: Request, signature: str, path: str) -> Response:
    """`path` is `{steps}/{image_id}.{extension}`; docs/delivery.md describes steps and signatures."""
    resources = resources_of(request)
    finding = resources.deliveries.find(signature, path, Client.of(request.headers))
    return await _deliver(request, finding, resources)


@public_router.get(
    "/thumbor/{key}/{signature}/{path:path}",
    summary="Get an image by a URL of thumbor",
    response_class=Response,
    responses=_DELIVERED,
)
async def get_thumbor_delivery(request: Request, key: str, signature: str, path: str) -> Response:
    """`signature` is thumbor's: HMAC-SHA1 of `path` with the secret of the delivery key."""
    resources = resources_of(request)
    sent_path = request.scope["raw_path"].decode("latin-1").partition(f"/{signature}/")[2]
    finding = resources.deliveries.find_thumbor(key, signature, path, Client.of(request.headers), sent_path=sent_path)
    return await _deliver(request, finding, resources)


async def _deliver(request: Request, finding: Awaitable[Delivery], resources: Resources) -> Response:
    try:
        return await respond(request, resources.deliveries, await finding)
    except _WITH_FALLBACK as error:
        if resources.delivery_fallback is None:
            raise
        return resources.delivery_fallback.respond(error)
