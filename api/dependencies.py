"""Dependencies of the routes. None reads the body, so that rejected requests are answered before it is read."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, TypedDict
from uuid import UUID

import structlog
from fastapi import Depends, Request
from fastapi.security import APIKeyCookie, HTTPAuthorizationCredentials, HTTPBearer

from api.accounts.cookies import SECURE_NAME, Cookies
from api.accounts.service import Accounts
from api.delivery.fallback import FallbackImage
from api.delivery.service import Deliveries
from api.keys.principal import Authenticator, Principal
from api.keys.service import ApiKeys
from api.presets.service import Presets
from api.previews.service import Previews
from api.quotas import Quotas
from api.server.concurrency import places_of
from api.server.hosts import base_url
from api.tasks.feed import TaskFeed
from api.tasks.idempotency import Idempotency
from api.tasks.links import Links
from api.tasks.submission import Submission
from api.tasks.watcher import TaskWatcher
from broker import Broker
from core import tracing
from core.errors import NotFound, Unauthenticated
from core.tasks import Task
from storage import ApiKey, Scope, Session, Storage


@dataclass(frozen=True, slots=True, kw_only=True)
class Resources:
    """What the lifespan opens, and the settings that routes need."""

    storage: Storage
    broker: Broker
    accounts: Accounts
    api_keys: ApiKeys
    authenticator: Authenticator
    cookies: Cookies
    presets: Presets
    deliveries: Deliveries
    previews: Previews
    submission: Submission
    links: Links
    quotas: Quotas
    idempotency: Idempotency
    watcher: TaskWatcher
    task_feed: TaskFeed
    max_upload_bytes: int
    registration_open: bool
    public_url: str = ""
    delivery_fallback: FallbackImage | None = None
    isolation: Mapping[str, str] | None = None  # sandbox layers of this process's render processes


class State(TypedDict):
    resources: Resources


def resources_of(request: Request) -> Resources:
    """Return what the lifespan opened. Dependencies of dependencies call it: FastAPI resolves each again and again."""
    resources: Resources = request.state.resources
    return resources


async def _resources(request: Request) -> Resources:
    return resources_of(request)


OpenResources = Annotated[Resources, Depends(_resources)]


async def _storage(request: Request) -> Storage:
    return resources_of(request).storage


OpenStorage = Annotated[Storage, Depends(_storage)]


async def _links(request: Request) -> Links:
    resources = resources_of(request)
    return replace(resources.links, base_url=base_url(request, public_url=resources.public_url))


OpenLinks = Annotated[Links, Depends(_links)]


_bearer = HTTPBearer(auto_error=False, description="The token of `POST /v1/sessions`, or an API key.")
_cookie = APIKeyCookie(
    name=SECURE_NAME,
    auto_error=False,
    description='Set by `POST /v1/sessions` with `"cookie": true`. Valid for requests from pages of the same origin.',
)


async def _token(
    request: Request,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
    _: Annotated[str | None, Depends(_cookie)],
) -> str:
    token = credentials.credentials if credentials else resources_of(request).cookies.token_of(request)
    if token is None:
        raise Unauthenticated("Sign in with POST /v1/sessions and send the token as `Authorization: Bearer <token>`.")
    return token


_Token = Annotated[str, Depends(_token)]


async def _session(request: Request, token: _Token) -> Session:
    session = await resources_of(request).authenticator.session(token)
    await places_of(request).identify(session.user_id)
    structlog.contextvars.bind_contextvars(user_id=str(session.user_id))  # until the request ends: api/middleware.py
    return session


# For the routes of an account, where no API key is valid.
CurrentSession = Annotated[Session, Depends(_session)]


async def _user(request: Request, token: _Token) -> Principal:
    return await _authenticated(request, token, Scope.READ if request.method == "GET" else Scope.WRITE)


async def _delivering_user(request: Request, token: _Token) -> Principal:
    return await _authenticated(request, token, Scope.DELIVER)


async def _authenticated(request: Request, token: str, scope: Scope) -> Principal:
    principal = await resources_of(request).authenticator.principal(token, scope)
    request.state.principal = principal
    _describe(principal)
    await places_of(request).identify(principal.user_id)
    return principal


def _describe(principal: Principal) -> None:
    """Add the user and the API key to all log lines of this request, until it ends: api/middleware.py."""
    structlog.contextvars.bind_contextvars(user_id=str(principal.user_id))
    if isinstance(principal.credential, ApiKey):
        key_id = str(principal.credential.key_id)
        structlog.contextvars.bind_contextvars(key_id=key_id)
        tracing.describe({"darkroom.key_id": key_id})


# By a session, or by an API key with the scope `read` for GET and `write` for all other methods.
CurrentUser = Annotated[Principal, Depends(_user)]
# By a session, or by an API key with the scope `deliver`.
DeliveringUser = Annotated[Principal, Depends(_delivering_user)]


async def _admitted_for_task(request: Request, user: CurrentUser) -> Principal:
    await resources_of(request).quotas.admit_task(user.user_id)
    return user


async def _admitted_for_image(request: Request, user: CurrentUser) -> Principal:
    await resources_of(request).quotas.admit_image(user.user_id)
    return user


async def _previewing_user(request: Request, token: _Token) -> Principal:
    user = await _authenticated(request, token, Scope.READ)  # also by POST: nothing changes
    await resources_of(request).quotas.admit_preview(user.user_id)
    return user


# Users within their quotas.
PreviewingUser = Annotated[Principal, Depends(_previewing_user)]
TaskUser = Annotated[Principal, Depends(_admitted_for_task)]
ImageUser = Annotated[Principal, Depends(_admitted_for_image)]


async def _my_task(request: Request, task_id: UUID, user: CurrentUser) -> Task:
    task = await resources_of(request).storage.tasks.get(task_id, owner_id=user.user_id)
    if task is None:
        raise NotFound("Task not found.")
    return task


MyTask = Annotated[Task, Depends(_my_task)]
