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
from api.quotas import Quotas
from api.server.concurrency import Places, places_of
from api.server.hosts import base_url
from api.tasks.idempotency import Idempotency
from api.tasks.links import Links
from api.tasks.submission import Submission
from api.tasks.watcher import TaskWatcher
from broker import Broker
from core.errors import NotFound, Unauthenticated
from core.tasks import Task
from storage import Session, Storage


@dataclass(frozen=True, slots=True, kw_only=True)
class Resources:
    """What the lifespan opens, and the settings that routes need."""

    storage: Storage
    broker: Broker
    accounts: Accounts
    cookies: Cookies
    submission: Submission
    links: Links
    quotas: Quotas
    idempotency: Idempotency
    watcher: TaskWatcher
    max_upload_bytes: int
    registration_open: bool
    public_url: str = ""
    isolation: Mapping[str, str] | None = None  # sandbox layers of this process's render processes


class State(TypedDict):
    resources: Resources


async def _resources(request: Request) -> Resources:
    resources: Resources = request.state.resources
    return resources


OpenResources = Annotated[Resources, Depends(_resources)]


async def _storage(resources: OpenResources) -> Storage:
    return resources.storage


OpenStorage = Annotated[Storage, Depends(_storage)]


async def _links(request: Request, resources: OpenResources) -> Links:
    return replace(resources.links, base_url=base_url(request, public_url=resources.public_url))


OpenLinks = Annotated[Links, Depends(_links)]


async def _places(request: Request) -> Places:
    return places_of(request)


OpenPlaces = Annotated[Places, Depends(_places)]

_bearer = HTTPBearer(auto_error=False, description="The token of `POST /v1/sessions`.")
_cookie = APIKeyCookie(
    name=SECURE_NAME,
    auto_error=False,
    description='Set by `POST /v1/sessions` with `"cookie": true`. Valid for requests from pages of the same origin.',
)


async def _session(
    request: Request,
    resources: OpenResources,
    places: OpenPlaces,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
    _: Annotated[str | None, Depends(_cookie)],
) -> Session:
    token = credentials.credentials if credentials else resources.cookies.token_of(request)
    if token is None:
        raise Unauthenticated("Sign in with POST /v1/sessions and send the token as `Authorization: Bearer <token>`.")
    session = await resources.storage.sessions.authenticate(token)
    if session is None:
        raise Unauthenticated("The session token is invalid, expired or revoked. Sign in again.")
    await places.identify(session.user_id)
    structlog.contextvars.bind_contextvars(user_id=str(session.user_id))  # until the request ends: api/middleware.py
    return session


CurrentSession = Annotated[Session, Depends(_session)]


async def _admitted_for_task(session: CurrentSession, resources: OpenResources) -> Session:
    await resources.quotas.admit_task(session.user_id)
    return session


async def _admitted_for_image(session: CurrentSession, resources: OpenResources) -> Session:
    await resources.quotas.admit_image(session.user_id)
    return session


# Sessions whose users are within their quotas.
TaskSession = Annotated[Session, Depends(_admitted_for_task)]
ImageSession = Annotated[Session, Depends(_admitted_for_image)]


async def _my_task(task_id: UUID, session: CurrentSession, resources: OpenResources) -> Task:
    task = await resources.storage.tasks.get(task_id, owner_id=session.user_id)
    if task is None:
        raise NotFound("Task not found.")
    return task


MyTask = Annotated[Task, Depends(_my_task)]


async def _request_id(request: Request) -> str:
    return str(request.state.request_id)


RequestId = Annotated[str, Depends(_request_id)]
