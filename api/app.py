"""Builds the application: middleware, routes, and the resources that the lifespan opens in order."""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import replace

from fastapi import FastAPI
from fastapi.telemetry import TelemetryConfig
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware

from api import docs, errors, openapi
from api.accounts.access_changes import following_access_changes
from api.accounts.cookies import Cookies
from api.accounts.login_throttle import LoginThrottle
from api.accounts.passwords import open_passwords
from api.accounts.registrations import Registrations
from api.accounts.service import Accounts
from api.cors import CORS
from api.delivery.fallback import read_fallback
from api.delivery.hits import DeliveryHits
from api.delivery.renders import open_lane
from api.delivery.service import Deliveries
from api.delivery.sources import open_sources
from api.dependencies import Resources, State
from api.keys.principal import Authenticator
from api.keys.service import open_api_keys
from api.middleware import HeadAsGet, Metrics, RequestIds, UnexpectedErrors
from api.presets.service import Presets
from api.previews.service import Previews
from api.quota_overrides import QuotaOverrides
from api.quotas import Quotas
from api.routing import include_routes
from api.server.concurrency import ConcurrencyLimits
from api.server.fairness import FairTurns, LimitedConcurrency
from api.server.hosts import ForwardedHeaders, KnownHosts, known_hosts
from api.server.lingering_close import LingeringClose
from api.server.path_prefix import PathPrefix
from api.server.untrusted_forwarding import UntrustedForwarding
from api.tasks.feed import open_feed
from api.tasks.idempotency import Idempotency
from api.tasks.links import Links
from api.tasks.publisher import open_publisher
from api.tasks.submission import Submission
from api.tasks.watcher import open_watcher
from broker import Broker, connect
from core.runtime import instrumented
from core.settings import Settings
from storage import Storage, open_storage

VERSION = "0.1.0"  # a test compares it with pyproject.toml
Companion = Callable[[Storage, Broker], AbstractAsyncContextManager[Mapping[str, str]]]

# Spans of requests once a tracer is installed, but not of probes and scrapes, which come every few seconds.
_TRACES = TelemetryConfig(
    metrics=False, logs=False, operation_spans=False, exclude=lambda scope: "/v1/" not in scope["path"]
)


def create_app(settings: Settings | None = None, *, companion: Companion | None = None) -> FastAPI:
    """Create the application. `companion` runs as long as it does, on the same storage and broker.

    It yields the sandbox layers of its render processes, for /readyz.
    """
    settings = settings or Settings()
    settings.check()
    app = FastAPI(
        title="Darkroom",
        version=VERSION,
        summary="A self-hosted image service: upload images, apply filters, download the results.",
        description=openapi.DESCRIPTION,
        openapi_tags=openapi.TAGS,
        openapi_url=None,  # api/docs.py
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        telemetry=_TRACES,
        generate_unique_id_function=openapi.operation_id,
        lifespan=lambda _: _lifespan(settings, companion),
        middleware=list(_middleware(settings)),
    )
    errors.install(app)
    openapi.document(app)
    include_routes(app, settings, downloads_from=_downloads_from(settings))
    docs.install(app, downloads_from=_downloads_from(settings))
    return app


def _downloads_from(settings: Settings) -> tuple[str, str]:
    return settings.public_url, settings.s3_public_endpoint_url or settings.s3_endpoint_url


def _middleware(settings: Settings) -> Iterator[Middleware]:
    yield Middleware(UntrustedForwarding, trusted_hosts=settings.trusted_proxies)
    if settings.trusted_proxies:
        yield Middleware(ForwardedHeaders, trusted_hosts=settings.trusted_proxies)
    yield Middleware(PathPrefix, prefix=settings.path_prefix)
    yield Middleware(FairTurns, limits=ConcurrencyLimits(settings))
    yield Middleware(DeliveryHits, host_names=known_hosts(settings))
    yield from (Middleware(each) for each in (HeadAsGet, RequestIds, Metrics))
    if settings.origins:
        yield Middleware(CORSMiddleware, allow_origins=settings.origins, **CORS)
    yield from (Middleware(each) for each in (LingeringClose, UnexpectedErrors))
    yield Middleware(LimitedConcurrency)
    yield Middleware(KnownHosts, names=known_hosts(settings))


@asynccontextmanager
async def _lifespan(settings: Settings, companion: Companion | None) -> AsyncIterator[State]:
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(instrumented(settings, service="darkroom-api"))
        storage = await stack.enter_async_context(open_storage(settings))
        broker = await stack.enter_async_context(connect(settings.broker_url, queue=settings.broker_queue))
        publisher = await stack.enter_async_context(open_publisher(broker, storage.tasks))
        watcher = await stack.enter_async_context(open_watcher(storage.tasks, storage.notifications))
        keys = await stack.enter_async_context(
            open_api_keys(
                storage.api_keys,
                storage.revocations,
                storage.limits,
                requests_per_minute=settings.key_requests_per_minute,
            )
        )
        overrides = QuotaOverrides(storage.accounts)
        await stack.enter_async_context(following_access_changes(storage.accounts, storage.sessions, overrides))
        presets = Presets(storage.presets, storage.images)
        sources = await stack.enter_async_context(open_sources(storage, settings))
        lane = await stack.enter_async_context(open_lane(storage, settings))
        quotas = Quotas(storage, settings, overrides)
        accounts = Accounts(
            storage,
            passwords=stack.enter_context(open_passwords()),
            keys=keys,
            quotas=quotas,
            throttle=LoginThrottle(storage.limits, storage.devices, settings),
            registrations=Registrations(storage.limits, per_hour=settings.registrations_per_hour),
        )
        resources = Resources(
            storage=storage,
            broker=broker,
            accounts=accounts,
            api_keys=keys,
            authenticator=Authenticator(storage.sessions, keys),
            cookies=Cookies(secure=settings.secure_cookies),
            presets=presets,
            deliveries=Deliveries(storage, presets, sources, lane, settings=settings),
            previews=Previews(storage, presets, lane, settings),
            submission=Submission(storage, publisher, shares_outputs=settings.shared_outputs == "on"),
            links=Links(
                storage=storage, link_seconds=settings.link_seconds, retention_seconds=settings.retention_seconds
            ),
            public_url=settings.public_url,
            delivery_fallback=read_fallback(settings.delivery_fallback),
            quotas=quotas,
            idempotency=Idempotency(storage),
            watcher=watcher,
            task_feed=await stack.enter_async_context(open_feed(storage.task_events)),
            max_upload_bytes=settings.max_upload_bytes,
            registration_open=settings.registration == "open",
        )
        if companion:
            resources = replace(resources, isolation=await stack.enter_async_context(companion(storage, broker)))
        yield {"resources": resources}
