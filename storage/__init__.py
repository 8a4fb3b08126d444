"""What we remember: objects in S3, tasks, images and users in SQL, sessions in Redis."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import structlog

from core.errors import DependencyUnavailable
from core.settings import Settings
from storage.embedded.data_dir import check_objects_are_files, held, link_key, make_private
from storage.objects.disposition import attachment
from storage.objects.file_links import LinkSigner, LinkTerms
from storage.objects.file_store import FileStore
from storage.objects.interface import ObjectStore, SignedLink, StoredObject, Upload
from storage.objects.s3_client import S3Account
from storage.objects.s3_store import open_objects
from storage.redis.client import MEMORY, open_redis
from storage.redis.devices import DEVICE_SECONDS, DeviceStore
from storage.redis.locks import Locks
from storage.redis.notifications import TaskNotifications
from storage.redis.rate_limits import Limit, LimitStore
from storage.redis.sessions import NewSession, Session, SessionStore
from storage.sql.database import Database, open_database
from storage.sql.idempotency import IdempotencyKey
from storage.sql.images import ImageRepository, NewImage, StoredImage
from storage.sql.tasks import TaskRepository
from storage.sql.upgrade import migrate
from storage.sql.users import User, UserRepository, normalize_email

__all__ = [
    "DEVICE_SECONDS",
    "DeviceStore",
    "FileStore",
    "IdempotencyKey",
    "ImageRepository",
    "Limit",
    "LimitStore",
    "LinkTerms",
    "Locks",
    "NewImage",
    "NewSession",
    "ObjectStore",
    "Session",
    "SessionStore",
    "SignedLink",
    "Storage",
    "StoredImage",
    "StoredObject",
    "TaskNotifications",
    "TaskRepository",
    "Upload",
    "User",
    "UserRepository",
    "attachment",
    "normalize_email",
    "open_storage",
    "open_users",
]

_CHECK_SECONDS = 2.0

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Storage:
    tasks: TaskRepository
    images: ImageRepository
    users: UserRepository
    objects: ObjectStore
    sessions: SessionStore
    locks: Locks
    notifications: TaskNotifications
    limits: LimitStore
    devices: DeviceStore
    database: Database

    async def check(self) -> dict[str, str]:
        """Each dependency by name: "ok", or what is wrong with it."""
        checks = {
            "database": self.database.check(),
            "object_store": self.objects.check(),
            "session_store": self.sessions.check(),
        }
        return dict(zip(checks, await asyncio.gather(*map(_outcome, checks.values())), strict=True))


@asynccontextmanager
async def open_storage(settings: Settings) -> AsyncIterator[Storage]:
    """Raises ConfigurationError. A server that is away is none: it may come back."""
    async with AsyncExitStack() as stack:
        if settings.embedded_parts:
            stack.enter_context(held(settings.data_dir))
        database = await _open_database(stack, settings)
        objects = await _open_objects(stack, settings)
        redis, prefix = await stack.enter_async_context(open_redis(settings.redis_url)), settings.redis_prefix
        notifications = TaskNotifications(None if settings.redis_url == MEMORY else redis, prefix=prefix)
        stack.push_async_callback(notifications.finish_publishing)
        yield Storage(
            tasks=TaskRepository(database, max_attempts=settings.max_attempts),
            images=ImageRepository(database),
            users=UserRepository(database),
            objects=objects,
            sessions=SessionStore(
                redis,
                prefix=prefix,
                idle_seconds=settings.session_idle_seconds,
                absolute_seconds=settings.session_absolute_seconds,
            ),
            locks=Locks(redis, prefix=prefix),
            notifications=notifications,
            limits=LimitStore(redis, url=settings.redis_url, prefix=prefix),
            devices=DeviceStore(redis, prefix=prefix),
            database=database,
        )


@asynccontextmanager
async def open_users(settings: Settings) -> AsyncIterator[UserRepository]:
    """The users alone, for a command that may run beside the service."""
    if not settings.database_url:
        make_private(settings.data_dir)
    async with AsyncExitStack() as stack:
        yield UserRepository(await _open_database(stack, settings))


async def _open_database(stack: AsyncExitStack, settings: Settings) -> Database:
    if settings.resolved_database_url.startswith("sqlite"):
        await migrate(settings.resolved_database_url)
    return await stack.enter_async_context(open_database(settings.resolved_database_url))


async def _open_objects(stack: AsyncExitStack, settings: Settings) -> ObjectStore:
    if settings.objects_are_files:
        return await _open_files(settings)
    account = S3Account(
        endpoint_url=settings.s3_endpoint_url,
        region=settings.s3_region,
        access_key_id=settings.s3_access_key_id,
        secret_access_key=settings.s3_secret_access_key.get_secret_value(),
    )
    objects = await stack.enter_async_context(
        open_objects(
            account,
            public_endpoint_url=settings.s3_public_endpoint_url,
            bucket=settings.s3_bucket,
            link_seconds=settings.link_seconds,
        )
    )
    await _try_to_ensure_bucket(objects)
    return objects


async def _open_files(settings: Settings) -> FileStore:
    check_objects_are_files(settings.data_dir)
    signer = LinkSigner(link_key(settings.data_dir), link_seconds=settings.link_seconds)
    files = FileStore(settings.data_dir, signer=signer, fsync=settings.fsync == "on")
    await files.ensure_bucket()
    return files


async def _try_to_ensure_bucket(objects: ObjectStore) -> None:
    try:
        await objects.ensure_bucket()
    except DependencyUnavailable as error:
        _log.warning("bucket_unknown", detail=error.detail)


async def _outcome(check: Awaitable[None]) -> str:
    try:
        async with asyncio.timeout(_CHECK_SECONDS):
            await check
    except TimeoutError:
        return f"No answer in {_CHECK_SECONDS:.0f} s."
    except DependencyUnavailable as error:
        return error.detail
    return "ok"
