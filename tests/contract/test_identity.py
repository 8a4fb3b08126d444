"""A database that does not know the bucket changes nothing in it, on both deployments."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import text

from core.errors import ConfigurationError, DependencyUnavailable
from core.ids import uuid7
from core.keys import DEPLOYMENT_MARK
from core.settings import Settings
from storage import Storage, open_bucket_identity, open_storage
from storage.objects.deployment_mark import DeploymentMark, replace_mark
from storage.sql.bucket.deployment import Deployment, DeploymentRepository
from storage.sql.database import Database, open_database
from storage.sql.upgrade import migrate
from tests.contract.installations import Embedded, Installation, OnServers, keys_in, on_servers, store_image
from tests.harness.eventually import eventually
from tests.harness.servers import S3Server
from worker.collection import Collection

BOTH = ["embedded", pytest.param("servers", marks=pytest.mark.needs("postgres"))]


@pytest.fixture(params=BOTH)
def new_installation(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[str], Installation]]:
    """Makes installations of one kind, by name."""
    with ExitStack() as stack:

        def make(name: str) -> Installation:
            if request.param == "embedded":
                return Embedded(Settings(data_dir=tmp_path / name))
            server: str = request.getfixturevalue("postgres_server")
            s3: S3Server = request.getfixturevalue("s3_server")
            return on_servers(stack, postgres_server=server, s3=s3, data_dir=tmp_path / name)

        yield make


@pytest.fixture
def servers(tmp_path: Path, postgres_server: str, s3_server: S3Server) -> Iterator[OnServers]:
    """Where more than one process may use the bucket."""
    with ExitStack() as stack:
        yield on_servers(stack, postgres_server=postgres_server, s3=s3_server, data_dir=tmp_path)


@pytest.fixture
def installation(new_installation: Callable[[str], Installation]) -> Installation:
    return new_installation("first")


async def collect(storage: Storage) -> int:
    """Twice, with nothing to wait for: what may be marked is marked, and what is marked may go."""
    collection = Collection(storage=storage, orphan_seconds=0.01, trash_seconds=0.01)
    await asyncio.sleep(1.1)  # S3 counts in whole seconds
    first = await _collected(collection)
    await asyncio.sleep(0.05)
    return first + await _collected(collection)


async def _collected(collection: Collection) -> int:
    """As the sweep does: what a server is too slow for, the next run does."""
    while True:
        try:
            return await collection.run()
        except DependencyUnavailable:
            await asyncio.sleep(0.05)


async def use(installation: Installation) -> set[str]:
    """Start the service, store two images, stop it; returns their keys."""
    async with open_storage(installation.settings) as storage:
        return {await store_image(storage) for _ in range(2)}


async def rejection(settings: Settings) -> str:
    """The error of a start, or of its first check if a server was too slow for the start to verify the bucket."""
    while True:
        try:
            async with open_storage(settings) as storage:
                await storage.identity.check()
        except ConfigurationError as error:
            return error.detail
        except DependencyUnavailable:
            continue
        pytest.fail("the start was not rejected")


async def adopt(settings: Settings) -> None:
    async with open_bucket_identity(settings) as identity:
        await identity.adopt()


async def test_an_orphan_is_collected_where_the_database_knows_the_bucket(installation: Installation) -> None:
    """So that the tests below do not hold because nothing is ever collected."""
    kept = await use(installation)
    async with open_storage(installation.settings) as storage:
        await storage.objects.put("sources/0198f000-0000-7000-8000-000000000000", b"x", media_type="", file_name="x")
        kept.add(await store_image(storage))
        assert await collect(storage) == 1
        assert await keys_in(storage) == kept


async def test_a_new_database_beside_a_used_bucket_is_rejected(installation: Installation) -> None:
    kept = await use(installation)
    installation.lose_database()
    for _ in range(2):  # the first try leaves nothing that would let the second one in
        assert "belongs to another deployment" in await rejection(installation.settings)
    await adopt(installation.settings)
    async with open_storage(installation.settings) as storage:
        kept.add(await store_image(storage))
        assert await collect(storage) == 0
        assert await keys_in(storage) == kept


async def test_a_bucket_of_another_deployment_is_rejected(new_installation: Callable[[str], Installation]) -> None:
    """Whose database is as old and as full as the first one's."""
    first, second = new_installation("first"), new_installation("second")
    kept = await use(first)
    await use(second)
    assert "belongs to another deployment" in await rejection(with_bucket_of(first, second))
    async with open_storage(first.settings) as storage:
        assert await collect(storage) == 0
        assert await keys_in(storage) == kept


def with_bucket_of(first: Installation, second: Installation) -> Settings:
    """The second's database with the first's objects."""
    if isinstance(first, OnServers):
        return second.settings.model_copy(update={"s3_bucket": first.settings.s3_bucket})
    objects = second.settings.data_dir / "objects"
    objects.rename(objects.with_name("objects.own"))
    objects.symlink_to((first.settings.data_dir / "objects").absolute())
    return second.settings


async def test_a_restored_older_dump_keeps_what_is_newer(installation: Installation) -> None:
    kept = await use(installation)
    installation.dump()
    kept |= await use(installation)  # fewer than the brake would hold back
    installation.restore()
    async with open_storage(installation.settings) as storage:
        kept.add(await store_image(storage))  # so that there is a row newer than all of them
        assert await collect(storage) == 0
        assert await keys_in(storage) == kept
    async with open_storage(installation.settings) as storage:
        kept.add(await store_image(storage))
        assert await collect(storage) == 0
        assert await keys_in(storage) == kept


async def test_a_copy_of_the_database_beside_it_collects_nothing_of_the_other(servers: OnServers) -> None:
    """As when staging starts from a dump of production, with production's bucket."""
    await use(servers)
    servers.dump()
    original = servers.settings
    servers.restore()
    copied = servers.settings.model_copy(update={"data_dir": original.data_dir / "copy"})
    async with open_storage(original) as one, open_storage(copied) as copy:
        for storage in (one, copy, one):
            await store_image(storage)
            assert await collect(storage) == 0
        assert len(await keys_in(one)) == 5


async def forget_identity(installation: Installation) -> None:
    """Leave what the version before the marks has left."""
    async with open_database(installation.settings.resolved_database_url) as database, database.writing() as connection:
        for table in ("deployment", "generations", "unwatched_periods"):
            await connection.execute(text(f"DELETE FROM {table}"))  # noqa: S608 - our own names
    installation.delete(DEPLOYMENT_MARK)


async def test_an_installation_of_the_version_before_goes_on_by_itself(installation: Installation) -> None:
    kept = await use(installation)
    await forget_identity(installation)
    async with open_storage(installation.settings) as storage:
        kept.add(await store_image(storage))
        assert await collect(storage) == 0
        assert await keys_in(storage) == kept
    installation.lose_database()
    assert "belongs to another deployment" in await rejection(installation.settings)


async def test_a_bucket_of_the_version_before_and_a_new_database_are_rejected(installation: Installation) -> None:
    await use(installation)
    await forget_identity(installation)
    installation.lose_database()
    assert "holds objects that the database does not know" in await rejection(installation.settings)


@pytest.mark.parametrize("is_older", [False, True], ids=["with-mark", "version-before"])
async def test_an_empty_bucket_beside_a_used_database_is_rejected(
    installation: Installation, *, is_older: bool
) -> None:
    """As with a mistyped DARKROOM_S3_BUCKET, which is made when it is missing."""
    kept = await use(installation)
    if is_older:
        await forget_identity(installation)
    else:
        installation.delete(DEPLOYMENT_MARK)
    for key in kept:
        installation.delete(key)
    assert "is empty, but" in await rejection(installation.settings)
    await adopt(installation.settings)
    await use(installation)


async def test_a_lost_mark_is_written_again(installation: Installation) -> None:
    kept = await use(installation)
    installation.delete(DEPLOYMENT_MARK)
    async with open_storage(installation.settings) as storage:
        kept.add(await store_image(storage))
        assert await collect(storage) == 0
        assert await keys_in(storage) == kept
    installation.lose_database()
    assert "belongs to another deployment" in await rejection(installation.settings)


async def test_a_claim_that_was_cut_short_goes_on(installation: Installation) -> None:
    """After each of its writes: the id in the database, then the mark in the bucket."""
    async with open_bucket_identity(installation.settings) as identity:
        await identity.raise_generation()
    async with open_database(installation.settings.resolved_database_url) as database:
        assert (await stored_deployment(database)).claimed_at is None
    await use(installation)
    async with open_database(installation.settings.resolved_database_url) as database:
        assert (await stored_deployment(database)).claimed_at


async def stored_deployment(database: Database) -> Deployment:
    found = await DeploymentRepository(database).get()
    assert found
    return found


async def test_many_may_start_at_once(servers: OnServers) -> None:
    """One of them claims the bucket, and none takes another's generation for that of a later database."""
    directories = [servers.settings.data_dir / str(number) for number in range(8)]
    every = [servers.settings.model_copy(update={"data_dir": directory}) for directory in directories]
    await asyncio.gather(*(start_and_stop(settings) for settings in every))
    async with open_database(servers.settings.database_url) as database:
        assert await DeploymentRepository(database).unwatched_periods() == []


async def start_and_stop(settings: Settings) -> None:
    async with open_storage(settings) as storage:

        async def is_ok() -> bool:
            return (await storage.check())["object_store"] == "ok"

        await eventually(is_ok)


async def test_whose_bucket_was_given_away_collects_nothing_and_is_not_ready(installation: Installation) -> None:
    async with open_storage(installation.settings) as storage:
        await store_image(storage)
        await storage.objects.put("sources/0198f000-0000-7000-8000-000000000000", b"x", media_type="", file_name="x")
        other = DeploymentMark(deployment_id=uuid7(), generation=uuid7())
        await replace_mark(storage.objects, other)
        with pytest.raises(ConfigurationError, match="belongs to another deployment"):
            await collect(storage)
        not_ready = (await storage.check())["object_store"]
        assert not_ready == "The bucket belongs to another database; see the log."
        assert len(await keys_in(storage)) == 2
    async with open_bucket_identity(installation.settings) as identity:  # nor did its stop take the bucket back
        with pytest.raises(ConfigurationError, match=str(other.deployment_id)):
            await identity.verify()


async def test_a_store_that_is_away_at_the_start_is_verified_later(own_database: str, tmp_path: Path) -> None:
    await migrate(own_database)
    settings = Settings.model_validate(
        {
            "database_url": own_database,
            "data_dir": tmp_path,
            "s3_endpoint_url": "http://127.0.0.1:1",
            "s3_access_key_id": "a",
            "s3_secret_access_key": "b",
        }
    )
    async with open_storage(settings) as storage:
        with pytest.raises(DependencyUnavailable):
            await storage.identity.check()
        with pytest.raises(DependencyUnavailable):
            await Collection(storage=storage, orphan_seconds=0.01, trash_seconds=0.01).run()


async def test_a_database_that_was_not_migrated_is_named(own_database: str, tmp_path: Path) -> None:
    assert "make migrate" in await rejection(Settings(data_dir=tmp_path, database_url=own_database))


async def test_a_forgotten_database_url_is_noticed_even_where_sqlite_is_allowed(
    servers: OnServers, tmp_path: Path
) -> None:
    await use(servers)
    forgotten = {"database_url": "", "allow_sqlite_with_s3": "on", "data_dir": tmp_path / "new"}
    settings = Settings.model_validate(servers.settings.model_dump() | forgotten)
    assert "belongs to another deployment" in await rejection(settings)
