"""The application: what the lifespan opens, in order, and what answers on top of it."""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import replace

from fastapi import FastAPI
from fastapi.telemetry import TelemetryConfig
from starlette.middleware import Middleware

from api import docs, errors, openapi
from api.accounts.cookies import Cookies
from api.accounts.login_throttle import Tries
from api.accounts.passwords import open_passwords
from api.accounts.service import Accounts
from api.dependencies import Resources, State
from api.middleware import HeadAsGet, LingeringClose, Metrics, RequestIds, UnexpectedErrors
from api.quotas import Bounds
from api.routes import events, filters, health, images, objects, sessions, submissions, tasks, users
from api.server.hosts import ForwardedHeaders, KnownHosts, known_hosts
from api.tasks.idempotency import Idempotency
from api.tasks.links import Links
from api.tasks.submission import Submission
from api.tasks.watcher import watching
from broker import Broker, connect
from core.runtime import watched_event_loop
from core.settings import Settings
from core.tracing import exporting
from storage import Storage, open_storage

VERSION = "0.1.0"  # a test compares it with pyproject.toml
Companion = Callable[[Storage, Broker], AbstractAsyncContextManager[Mapping[str, str]]]

_DESCRIPTION = """Upload a picture, choose filters, fetch the result.

Sign in with `POST /v1/sessions` and send the token as `Authorization: Bearer <token>`. Errors are RFC 9457 problem
details with a stable `code`; every answer carries an `X-Request-ID`.
"""
_TAGS = [
    {"name": "users", "description": "Who may sign in."},
    {"name": "sessions", "description": "Signing in and out."},
    {"name": "filters", "description": "What can be done to a picture."},
    {"name": "images", "description": "Sources, uploaded on their own."},
    {"name": "tasks", "description": "One picture, one pipeline, one output."},
    {"name": "objects", "description": "What signed links lead to, where no S3 server holds the objects."},
    {"name": "health", "description": "For whoever watches the service."},
]

# Spans of requests once a tracer is installed, but not of probes and scrapes, which come every few seconds.
_TRACES = TelemetryConfig(
    metrics=False, logs=False, operation_spans=False, exclude=lambda scope: not scope["path"].startswith("/v1/")
)


def create_app(settings: Settings | None = None, *, companion: Companion | None = None) -> FastAPI:
    """`companion` runs beside the application on the same storage and broker, as long as it does.

    It yields the walls around its render children, for /readyz.
    """
    settings = settings or Settings()
    settings.check()
    app = FastAPI(
        title="Darkroom",
        version=VERSION,
        summary="An image service on object storage that loses nothing.",
        description=_DESCRIPTION,
        openapi_tags=_TAGS,
        docs_url=None,  # api/docs.py
        redoc_url=None,
        redirect_slashes=False,
        telemetry=_TRACES,
        lifespan=lambda _: _lifespan(settings, companion),
        middleware=list(_middleware(settings)),
    )
    errors.install(app)
    openapi.document(app)
    for routes in (users, sessions, filters, images, submissions, tasks, events, objects, health):
        app.include_router(routes.router)
    docs.install(app)
    return app


def _middleware(settings: Settings) -> Iterator[Middleware]:
    if settings.trusted_proxies:
        yield Middleware(ForwardedHeaders, trusted_hosts=settings.trusted_proxies)
    yield from (Middleware(each) for each in (HeadAsGet, RequestIds, Metrics, LingeringClose, UnexpectedErrors))
    yield Middleware(KnownHosts, names=known_hosts(settings))


@asynccontextmanager
async def _lifespan(settings: Settings, companion: Companion | None) -> AsyncIterator[State]:
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(watched_event_loop())
        stack.enter_context(exporting(settings.otlp_endpoint, service="darkroom-api"))
        storage = await stack.enter_async_context(open_storage(settings))
        broker = await stack.enter_async_context(connect(settings.broker_url, queue=settings.broker_queue))
        transitions = await stack.enter_async_context(watching(storage.tasks, storage.hints))
        bounds = Bounds(storage, settings)
        tries = Tries(storage.limits, times=settings.login_tries, window_seconds=settings.login_window_seconds)
        resources = Resources(
            storage=storage,
            broker=broker,
            accounts=Accounts(storage, passwords=stack.enter_context(open_passwords()), bounds=bounds, tries=tries),
            cookies=Cookies(secure=settings.secure_cookies),
            submission=Submission(storage, broker),
            links=Links(storage=storage, link_seconds=settings.link_seconds),
            public_url=settings.public_url,
            bounds=bounds,
            idempotency=Idempotency(storage),
            transitions=transitions,
            max_upload_bytes=settings.max_upload_bytes,
            registration_open=settings.registration == "open",
        )
        if companion:
            resources = replace(resources, isolation=await stack.enter_async_context(companion(storage, broker)))
        yield {"resources": resources}
