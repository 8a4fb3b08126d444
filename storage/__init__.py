"""What we remember: objects in S3, tasks, images and users in SQL, sessions in Redis."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial

import structlog

from core.errors import ConfigurationError, DependencyUnavailable
from core.settings import Settings
from storage.backends import identity_of, open_object_store, open_sql
from storage.embedded.data_dir import held
from storage.identity import BucketIdentity
from storage.objects.disposition import content_disposition
from storage.objects.file_links import LinkTerms
from storage.objects.file_store import FileStore
from storage.objects.interface import ObjectStore, SignedLink, StoredObject, Upload
from storage.origins import FoundImage, Origin, open_origins
from storage.redis.client import MEMORY, open_redis
from storage.redis.devices import DEVICE_SECONDS, DeviceStore
from storage.redis.locks import Locks
from storage.redis.notifications import Notifications
from storage.redis.rate_limits import Limit, LimitStore
from storage.redis.sessions import NewSession, Session, SessionStore
from storage.sql.accounts.administration import (
    AccessChange,
    AccessChangeKind,
    AccountAdministration,
    AccountUsage,
)
from storage.sql.accounts.api_keys import ApiKey, ApiKeyRepository, NewApiKey, Scope
from storage.sql.accounts.delivery_keys import DeliveryKey, DeliveryKeyRepository
from storage.sql.accounts.presets import Preset, PresetRepository, SavedPreset
from storage.sql.accounts.quotas import UserQuotas
from storage.sql.accounts.users import User, UserRepository, normalize_email
from storage.sql.bucket.deployment import DeploymentRepository, Period
from storage.sql.bucket.orphan_marks import Orphan, OrphanMarks, OrphanReason
from storage.sql.database import Database, describe_url
from storage.sql.deletion import Removed
from storage.sql.delivered_images import DeliveredImageRepository, StoredDelivery
from storage.sql.images import ImageRepository, NewImage, StoredImage
from storage.sql.task_events import EVENT_RETENTION_SECONDS, EventPosition, LoggedEvent, TaskEventRepository
from storage.sql.task_queries import IdempotencyKey
from storage.sql.tasks import TaskRepository

__all__ = [
    "DEVICE_SECONDS",
    "EVENT_RETENTION_SECONDS",
    "AccessChange",
    "AccessChangeKind",
    "AccountAdministration",
    "AccountStorage",
    "AccountUsage",
    "ApiKey",
    "ApiKeyRepository",
    "BucketIdentity",
    "DeliveredImageRepository",
    "DeliveryKey",
    "DeliveryKeyRepository",
    "DeploymentRepository",
    "DeviceStore",
    "EventPosition",
    "FileStore",
    "FoundImage",
    "IdempotencyKey",
    "ImageRepository",
    "Limit",
    "LimitStore",
    "LinkTerms",
    "Locks",
    "LoggedEvent",
    "NewApiKey",
    "NewImage",
    "NewSession",
    "Notifications",
    "ObjectStore",
    "Origin",
    "Orphan",
    "OrphanMarks",
    "OrphanReason",
    "Period",
    "Preset",
    "PresetRepository",
    "Removed",
    "SavedPreset",
    "Scope",
    "Session",
    "SessionStore",
    "SignedLink",
    "Storage",
    "StoredDelivery",
    "StoredImage",
    "StoredObject",
    "TaskEventRepository",
    "TaskRepository",
    "Upload",
    "User",
    "UserQuotas",
    "UserRepository",
    "content_disposition",
    "normalize_email",
    "open_accounts",
    "open_bucket_identity",
    "open_origins",
    "open_orphan_marks",
    "open_storage",
]

_CHECK_SECONDS = 2.0

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Storage:
    tasks: TaskRepository
    task_events: TaskEventRepository
    images: ImageRepository
    users: UserRepository
    accounts: AccountAdministration
    api_keys: ApiKeyRepository
    presets: PresetRepository
    delivery_keys: DeliveryKeyRepository
    delivered: DeliveredImageRepository
    objects: ObjectStore
    deployments: DeploymentRepository
    identity: BucketIdentity
    orphans: OrphanMarks
    sessions: SessionStore
    locks: Locks
    notifications: Notifications  # of tasks that ended
    revocations: Notifications  # of API keys
    limits: LimitStore
    devices: DeviceStore
    database: Database

    async def check(self) -> dict[str, str]:
        """Each dependency by name: "ok", or what is wrong with it."""
        checks = {
            "database": self.database.check(),
            "object_store": self._check_objects(),
            "session_store": self.sessions.check(),
        }
        return dict(zip(checks, await asyncio.gather(*map(_outcome, checks.values())), strict=True))

    def rejected_writes(self) -> dict[str, str]:
        """Why the last write of a dependency was rejected, if it was. What is stored can still be read."""
        found = {"database": self.database.rejected_write, "object_store": self.objects.rejected_write}
        return {name: detail for name, detail in found.items() if detail}

    async def _check_objects(self) -> None:
        """Anybody may ask whether the service is ready: the names of servers are for the log."""
        await self.objects.check()
        try:
            await self.identity.check()
        except ConfigurationError as error:
            _log.error("bucket_rejected", detail=error.detail)
            raise DependencyUnavailable(
                "object_store", "The bucket belongs to another database; see the log."
            ) from error


@asynccontextmanager
async def open_storage(settings: Settings) -> AsyncIterator[Storage]:
    """Raises ConfigurationError. A server that is away is none: it may come back."""
    async with AsyncExitStack() as stack:
        if settings.embedded_parts:
            stack.enter_context(held(settings.data_dir))
        database = await open_sql(stack, settings)
        objects = await open_object_store(stack, settings)
        redis, prefix = await stack.enter_async_context(open_redis(settings.redis_url)), settings.redis_prefix
        shared = None if settings.redis_url == MEMORY else redis
        notifications, revocations = [Notifications(shared, channel=f"{prefix}{name}") for name in ("ended", "revoked")]
        stack.push_async_callback(notifications.finish_publishing)
        stack.push_async_callback(revocations.finish_publishing)
        identity = identity_of(settings, database, objects)
        await identity.start()
        stack.push_async_callback(identity.stop)
        yield Storage(
            tasks=TaskRepository(database, max_attempts=settings.max_attempts),
            task_events=TaskEventRepository(database),
            images=ImageRepository(database),
            users=UserRepository(database),
            accounts=AccountAdministration(database),
            api_keys=ApiKeyRepository(database),
            presets=PresetRepository(database),
            delivery_keys=DeliveryKeyRepository(database),
            delivered=DeliveredImageRepository(database),
            objects=objects,
            deployments=DeploymentRepository(database),
            identity=identity,
            orphans=OrphanMarks(database),
            sessions=SessionStore(
                redis,
                prefix=prefix,
                idle_seconds=settings.session_idle_seconds,
                absolute_seconds=settings.session_absolute_seconds,
            ),
            locks=Locks(redis, prefix=prefix),
            notifications=notifications,
            revocations=revocations,
            limits=LimitStore(redis, url=settings.redis_url, prefix=prefix),
            devices=DeviceStore(redis, prefix=prefix),
            database=database,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountStorage:
    """What a command needs that administers accounts. It may run beside the service."""

    users: UserRepository
    accounts: AccountAdministration
    open_objects: Callable[[], Awaitable[ObjectStore]]  # for the commands that delete some
    database: str  # its URL without the password


@asynccontextmanager
async def open_accounts(settings: Settings) -> AsyncIterator[AccountStorage]:
    async with AsyncExitStack() as stack:
        database = await open_sql(stack, settings)
        yield AccountStorage(
            users=UserRepository(database),
            accounts=AccountAdministration(database),
            open_objects=partial(open_object_store, stack, settings),
            database=describe_url(settings.resolved_database_url),
        )


@asynccontextmanager
async def open_orphan_marks(settings: Settings) -> AsyncIterator[OrphanMarks]:
    """The marked orphans alone, for a command that may run beside the service."""
    async with AsyncExitStack() as stack:
        yield OrphanMarks(await open_sql(stack, settings))


@asynccontextmanager
async def open_bucket_identity(settings: Settings) -> AsyncIterator[BucketIdentity]:
    """Database and bucket, not verified, for the command that adopts. Raises ConfigurationError as `open_storage`."""
    async with AsyncExitStack() as stack:
        if settings.embedded_parts:
            stack.enter_context(held(settings.data_dir))
        database = await open_sql(stack, settings)
        yield identity_of(settings, database, await open_object_store(stack, settings))


async def _outcome(check: Awaitable[None]) -> str:
    try:
        async with asyncio.timeout(_CHECK_SECONDS):
            await check
    except TimeoutError:
        return f"No response within {_CHECK_SECONDS:.0f} s."
    except DependencyUnavailable as error:
        return error.detail
    return "ok"
