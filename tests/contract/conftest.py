"""Each store over each thing that it may stand on: SQLite and PostgreSQL, fakeredis and Redis, files and SeaweedFS."""

import shutil
from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text

from core.ids import uuid7
from storage.objects.file_links import LinkSigner
from storage.objects.file_store import FileStore
from storage.objects.interface import ObjectStore
from storage.objects.s3_bucket import open_objects
from storage.objects.s3_client import S3Account
from storage.objects.s3_store import S3Store
from storage.sql.accounts.users import UserRepository
from storage.sql.database import Database, open_database
from storage.sql.images import ImageRepository
from storage.sql.tasks.repository import TaskRepository
from storage.sql.upgrade import migrate
from tests.contract.tasks_in_states import MAX_ATTEMPTS, Owner
from tests.harness.servers import S3Server, in_thread, open_uploads

PATIENT = {"pool_seconds": 600.0, "transaction_seconds": 600.0}  # what is stored does not depend on how fast
BOTH_DATABASES = ["sqlite", pytest.param("postgresql", marks=pytest.mark.needs("postgres"))]


@pytest.fixture(scope="session")
def migrated_postgres(postgres_url: str) -> str:
    in_thread(partial(migrate, postgres_url))
    return postgres_url


@pytest.fixture(params=BOTH_DATABASES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("migrated_sqlite"), tmp_path / "darkroom.db")
        return f"sqlite:///{tmp_path}/darkroom.db"
    url: str = request.getfixturevalue("migrated_postgres")
    return url


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """Empty."""
    async with open_database(database_url, **PATIENT) as database:
        if database_url.startswith("postgresql"):
            async with database.writing() as connection:
                await connection.execute(text("TRUNCATE users CASCADE"))
        yield database


@pytest.fixture
def tasks(database: Database) -> TaskRepository:
    return TaskRepository(database, max_attempts=MAX_ATTEMPTS)


@pytest.fixture
def images(database: Database) -> ImageRepository:
    return ImageRepository(database)


@pytest.fixture
def users(database: Database) -> UserRepository:
    return UserRepository(database)


@pytest.fixture
async def owner(users: UserRepository, tasks: TaskRepository) -> Owner:
    user = await users.create("owner@example.com", password_hash="unused")
    return Owner(user.user_id, tasks)


@pytest.fixture
async def other_user_id(users: UserRepository) -> UUID:
    return (await users.create("other_user@example.com", password_hash="unused")).user_id


@pytest.fixture
def account(s3_server: S3Server) -> S3Account:
    return S3Account(
        endpoint_url=s3_server.endpoint_url,
        region=s3_server.region,
        access_key_id=s3_server.access_key_id,
        secret_access_key=s3_server.secret_access_key,
    )


@pytest.fixture
async def s3_objects(account: S3Account, s3_server: S3Server) -> AsyncIterator[S3Store]:
    async with open_objects(account, public_endpoint_url="", bucket=s3_server.bucket, link_seconds=300) as objects:
        yield objects


@pytest.fixture
async def file_objects(tmp_path: Path) -> FileStore:
    files = FileStore(tmp_path, signer=LinkSigner(b"key", link_seconds=300), fsync=True)
    await files.ensure_bucket()
    return files


@pytest.fixture(params=["s3_objects", "file_objects"])
def objects(request: pytest.FixtureRequest) -> ObjectStore:
    """Each object store, over what it really stands on."""
    store: ObjectStore = request.getfixturevalue(request.param)
    return store


@pytest.fixture
def incomplete(objects: ObjectStore, tmp_path: Path, s3_server: S3Server) -> Callable[[str], list[str]]:
    """What uploads to keys with a prefix have left behind, besides objects."""

    def find(prefix: str) -> list[str]:
        if isinstance(objects, FileStore):
            return [path.name for path in (tmp_path / "objects-incomplete").iterdir()]
        return open_uploads(s3_server, prefix)

    return find


@pytest.fixture
def prefix() -> str:
    """Keys of this test alone; the bucket is emptied at the end."""
    return f"{uuid7()}/"
