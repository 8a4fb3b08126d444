"""API keys of a user. They are made, listed and revoked with a session only: a key makes no keys."""

from http import HTTPStatus
from uuid import UUID

from fastapi import APIRouter, Request

from api.dependencies import CurrentSession, OpenResources, OpenStorage
from api.errors import error_responses
from api.openapi import json_body
from api.schemas import ApiKeysView, ApiKeyView, NewApiKeyBody, NewApiKeyView
from api.uploads.bodies import JSON_BODY_ERRORS, read_json
from core import errors
from core.logs import audit_log

router = APIRouter(prefix="/v1/api-keys", tags=["api-keys"])
_log = audit_log(__name__)


@router.post(
    "",
    status_code=HTTPStatus.CREATED,
    summary="Create an API key",
    openapi_extra=json_body(NewApiKeyBody),
    responses=error_responses(errors.Unauthenticated, errors.QuotaExceeded, *JSON_BODY_ERRORS),
)
async def create_key(request: Request, session: CurrentSession, storage: OpenStorage) -> NewApiKeyView:
    """Return the key once: only its SHA-256 is stored."""
    body = await read_json(request, NewApiKeyBody)
    new = await storage.api_keys.create(session.user_id, name=body.name, scopes=body.scopes, expires_at=body.expires_at)
    _log.info("api_key_created", key_id=str(new.key.key_id))
    return NewApiKeyView.of_new(new)


@router.get("", summary="List API keys", responses=error_responses(errors.Unauthenticated))
async def list_keys(session: CurrentSession, storage: OpenStorage) -> ApiKeysView:
    return ApiKeysView(items=[ApiKeyView.of(key) for key in await storage.api_keys.list(session.user_id)])


@router.delete(
    "",
    status_code=HTTPStatus.NO_CONTENT,
    summary="Revoke all API keys",
    responses=error_responses(errors.Unauthenticated),
)
async def revoke_all_keys(session: CurrentSession, resources: OpenResources) -> None:
    await resources.api_keys.revoke_all(session.user_id)


@router.delete(
    "/{key_id}",
    status_code=HTTPStatus.NO_CONTENT,
    summary="Revoke an API key",
    responses=error_responses(errors.Unauthenticated, errors.NotFound, errors.InvalidRequest),
)
async def revoke_key(key_id: UUID, session: CurrentSession, resources: OpenResources) -> None:
    """The next request with the key is rejected."""
    if not await resources.api_keys.revoke(key_id, owner_id=session.user_id):
        raise errors.NotFound("Key not found.")
