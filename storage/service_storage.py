"""What both services remember, opened in order and closed in reverse."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import structlog

from core.errors import ConfigurationError, DependencyUnavailable
from core.settings import Settings
from storage.backends import identity_of, open_object_store, open_sql
from storage.embedded.data_dir import held
from storage.identity import BucketIdentity
from storage.objects.interface import ObjectStore
from storage.redis.client import MEMORY, open_redis
from storage.redis.devices import DeviceStore
from storage.redis.locks import Locks
from storage.redis.notifications import Notifications
from storage.redis.rate_limits import LimitStore
from storage.redis.sessions import SessionStore
from storage.sql.accounts.administration import AccountAdministration
from storage.sql.accounts.api_keys import ApiKeyRepository
from storage.sql.accounts.delivery_keys import DeliveryKeyRepository
from storage.sql.accounts.presets import PresetRepository
from storage.sql.accounts.users import UserRepository
from storage.sql.bucket.deployment import DeploymentRepository
from storage.sql.bucket.orphan_marks import OrphanMarks
from storage.sql.database import Database
from storage.sql.delivered_images import DeliveredImageRepository
from storage.sql.images import ImageRepository
from storage.sql.shared_renders import SharedRenderRepository
from storage.sql.tasks.events import TaskEventRepository
from storage.sql.tasks.repository import TaskRepository

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
    shared_renders: SharedRenderRepository
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
            shared_renders=SharedRenderRepository(database),
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


async def _outcome(check: Awaitable[None]) -> str:
    try:
        async with asyncio.timeout(_CHECK_SECONDS):
            await check
    except TimeoutError:
        return f"No response within {_CHECK_SECONDS:.0f} s."
    except DependencyUnavailable as error:
        return error.detail
    return "ok"
