"""Sign-in and sign-out. A session is an opaque token, stored as SHA-256 only."""

from http import HTTPStatus
from uuid import UUID

from fastapi import APIRouter, Request, Response

from api.accounts.cookies import Cookies
from api.accounts.login_throttle import address_of
from api.accounts.service import Client, SignedIn
from api.dependencies import CurrentSession, OpenResources, OpenStorage
from api.errors import error_responses
from api.openapi import json_body
from api.quotas import BUSY
from api.schemas import NewSessionBody, NewSessionView, SessionsView, SessionView
from api.uploads.bodies import JSON_BODY_ERRORS, read_json
from core import errors
from core.logs import audit_log

_log = audit_log(__name__)
router = APIRouter(prefix="/v1/sessions", tags=["sessions"])
_LABEL_LENGTH = 200


def label_of(request: Request) -> str:
    return request.headers.get("user-agent", "")[:_LABEL_LENGTH]


@router.post(
    "",
    status_code=HTTPStatus.CREATED,
    summary="Sign in",
    openapi_extra=json_body(NewSessionBody),
    responses=error_responses(
        errors.InvalidCredentials, errors.AccountDisabled, errors.CrossSiteRequest, *BUSY, *JSON_BODY_ERRORS
    ),
)
async def sign_in(request: Request, response: Response, resources: OpenResources) -> NewSessionView:
    """Return a session token, or set it as a cookie for web pages.

    A known device is recognised by its cookie or by the `Darkroom-Device` header.
    """
    body = await read_json(request, NewSessionBody)
    if body.cookie:
        resources.cookies.check_same_origin(request)
    client = Client(
        address=address_of(request),
        label=label_of(request),
        device=resources.cookies.device_of(request),
        keeps_device=body.cookie or body.remember_device,
    )
    signed_in = await resources.accounts.sign_in(body.email, body.password.get_secret_value(), client)
    if body.cookie:
        return _in_cookies(signed_in, response, resources.cookies)
    return NewSessionView.of(signed_in.new, device=signed_in.device)


def _in_cookies(signed_in: SignedIn, response: Response, cookies: Cookies) -> NewSessionView:
    cookies.set(response, signed_in.new.token)
    if signed_in.device:
        cookies.set_device(response, signed_in.device)
    return NewSessionView.in_cookies(signed_in.new.session)


@router.get("", summary="List sessions", responses=error_responses(errors.Unauthenticated))
async def list_sessions(session: CurrentSession, storage: OpenStorage) -> SessionsView:
    sessions = await storage.sessions.list(session.user_id)
    return SessionsView(items=[SessionView.of(each, current=session) for each in sessions])


@router.delete(
    "",
    status_code=HTTPStatus.NO_CONTENT,
    summary="Sign out everywhere",
    responses=error_responses(errors.Unauthenticated),
)
async def sign_out_everywhere(session: CurrentSession, resources: OpenResources, response: Response) -> None:
    await resources.storage.sessions.revoke_all(session.user_id)
    _log.info("signed_out_everywhere")
    resources.cookies.clear(response)


@router.delete(
    "/current", status_code=HTTPStatus.NO_CONTENT, summary="Sign out", responses=error_responses(errors.Unauthenticated)
)
async def sign_out(session: CurrentSession, resources: OpenResources, response: Response) -> None:
    await resources.storage.sessions.revoke(session.user_id, session.session_id)
    _log.info("signed_out", session_id=str(session.session_id))
    resources.cookies.clear(response)


@router.delete(
    "/{session_id}",
    status_code=HTTPStatus.NO_CONTENT,
    summary="Revoke a session",
    responses=error_responses(errors.Unauthenticated, errors.NotFound, errors.InvalidRequest),
)
async def revoke_session(session_id: UUID, session: CurrentSession, storage: OpenStorage) -> None:
    if not await storage.sessions.revoke(session.user_id, session_id):
        raise errors.NotFound("Session not found.")
    _log.info("session_revoked", session_id=str(session_id))
