"""Opens the database and the object store that the settings name."""

from contextlib import AsyncExitStack

import structlog

from core.errors import DependencyUnavailable
from core.settings import Settings
from storage.embedded.data_dir import check_objects_are_files, link_key, make_private
from storage.identity import BucketIdentity
from storage.objects.file_links import LinkSigner
from storage.objects.file_store import FileStore
from storage.objects.interface import ObjectStore
from storage.objects.s3_bucket import open_objects
from storage.objects.s3_client import S3Account
from storage.sql.bucket.deployment import DeploymentRepository
from storage.sql.database import Database, describe_url, open_database
from storage.sql.delivered_images import DeliveredImageRepository
from storage.sql.images import ImageRepository
from storage.sql.tasks.repository import TaskRepository
from storage.sql.upgrade import migrate

_log = structlog.get_logger(__name__)


def identity_of(settings: Settings, database: Database, objects: ObjectStore) -> BucketIdentity:
    """Return the check that both belong together. It has verified nothing yet."""
    return BucketIdentity(
        DeploymentRepository(database),
        objects,
        images=ImageRepository(database),
        tasks=TaskRepository(database, max_attempts=settings.max_attempts),
        delivered=DeliveredImageRepository(database),
        bucket=_bucket_name(settings),
        database=describe_url(settings.resolved_database_url),
    )


def _bucket_name(settings: Settings) -> str:
    if settings.objects_are_files:
        return f"The directory {settings.data_dir / 'objects'}"
    return f"The bucket {settings.s3_bucket!r} at {settings.s3_endpoint_url}"


async def open_sql(stack: AsyncExitStack, settings: Settings) -> Database:
    """Migrate SQLite, which nobody else does. The stack closes it. Raises ConfigurationError for an unknown URL."""
    if not settings.database_url:
        make_private(settings.data_dir)
    if settings.database_is_sqlite:
        await migrate(settings.resolved_database_url)
    return await stack.enter_async_context(open_database(settings.resolved_database_url))


async def open_object_store(stack: AsyncExitStack, settings: Settings) -> ObjectStore:
    """Make the bucket where it is missing. The stack closes it. Raises ConfigurationError."""
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
