"""A database or object store without room is named, stays readable, and is used again when there is room."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import text

from core.errors import DependencyUnavailable, StorageFull
from storage.objects.s3_bucket import open_objects
from storage.objects.s3_client import S3Account
from storage.objects.s3_store import S3Store
from storage.objects.s3_upload import PART_BYTES
from storage.sql.database import Database, open_database
from tests.harness.small_s3 import FULL_MINIO, FULL_SEAWEEDFS, SmallS3, small_s3

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def full_store() -> AsyncIterator[tuple[SmallS3, S3Store]]:
    with small_s3() as server:
        account = S3Account(endpoint_url=server.url, region="us-east-1", access_key_id="a", secret_access_key="b")
        async with open_objects(account, public_endpoint_url="", bucket="bucket", link_seconds=60) as objects:
            await objects.put("sources/a", b"before", media_type="image/png", file_name="a.png")
            yield server, objects


@pytest.mark.parametrize("size", [10, 2 * PART_BYTES], ids=["one request", "in parts"])
async def test_minio_without_room(full_store: tuple[SmallS3, S3Store], size: int) -> None:
    server, objects = full_store
    server.full = FULL_MINIO
    with pytest.raises(StorageFull, match="no space left: XMinioStorageFull"):
        await objects.put("sources/b", bytes(size), media_type="image/png", file_name="b.png")
    await objects.check()
    assert objects.rejected_write == "The object store has no space left: XMinioStorageFull."
    assert await objects.get("sources/a", max_bytes=10) == b"before"

    server.full = None
    await objects.put("sources/b", b"after", media_type="image/png", file_name="b.png")
    assert objects.rejected_write is None


async def test_seaweedfs_without_room(full_store: tuple[SmallS3, S3Store]) -> None:
    """It does not say why. Its bucket answers as if nothing were wrong, so that only the upload shows it."""
    server, objects = full_store
    server.full = FULL_SEAWEEDFS
    with pytest.raises(DependencyUnavailable, match="InternalError"):
        await objects.put("sources/b", b"b", media_type="image/png", file_name="b.png")
    await objects.check()
    assert objects.rejected_write == "The object store rejected the request: InternalError."


async def test_postgresql_without_room(postgres_url: str) -> None:
    """It raises 53100 of itself when a file cannot grow; here a statement raises it."""
    async with open_database(postgres_url) as database:
        raising = text("DO $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$")
        await _check_full(database, raising)


async def test_sqlite_without_room(tmp_path: Path) -> None:
    async with open_database(f"sqlite:///{tmp_path / 'db'}") as database:
        async with database.writing() as connection:
            await connection.execute(text("CREATE TABLE filler (data BLOB)"))
            await connection.execute(text("PRAGMA max_page_count = 10"))
        await _check_full(database, text("INSERT INTO filler VALUES (zeroblob(1000000))"))


async def _check_full(database: Database, statement: object) -> None:
    with pytest.raises(StorageFull, match="The database has no space left"):
        async with database.writing() as connection:
            await connection.execute(statement)  # type: ignore[arg-type]  # either engine takes it
    await database.check()
    assert database.rejected_write == "The database has no space left."
    async with database.writing() as connection:
        await connection.execute(text("SELECT 1"))
    assert database.rejected_write is None
