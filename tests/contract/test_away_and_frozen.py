"""A server that is away or does not answer any more is said to be so within five seconds, and is used again after."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from functools import partial
from urllib.parse import urlsplit

import pytest
from sqlalchemy import text

from core.errors import DependencyUnavailable
from core.ids import uuid7
from storage.objects.s3_bucket import open_objects
from storage.objects.s3_client import S3Account
from storage.objects.s3_store import S3Store
from storage.objects.s3_upload import PART_BYTES
from storage.sql.accounts.users import UserRepository
from storage.sql.database import open_database
from tests.contract.redis.redis_stores import open_sessions
from tests.harness.eventually import eventually
from tests.harness.proxy import Proxy
from tests.harness.scale import check_seconds
from tests.harness.servers import S3Server

Call = Callable[[], Awaitable[object]]
Opens = Callable[[str], AbstractAsyncContextManager[dict[str, Call]]]


async def _outcome(call: Call) -> tuple[str, float]:
    started = time.monotonic()
    try:
        await call()
    except DependencyUnavailable as error:
        return error.dependency, time.monotonic() - started
    return "answered", time.monotonic() - started


async def _answered(call: Call) -> None:
    """At the first try, unless the machine is so busy that a server is too late for our limits."""

    async def is_answered() -> bool:
        return (await _outcome(call))[0] == "answered"

    await eventually(is_answered)


async def _upload(objects: S3Store, key: str) -> None:
    async with objects.open_upload(key, media_type="image/png") as upload:
        await upload.write(bytes(2 * PART_BYTES))
        await upload.complete()


@asynccontextmanager
async def _database(address: str, url: str) -> AsyncIterator[dict[str, Call]]:
    parts = urlsplit(url)
    own = parts._replace(netloc=f"{parts.netloc.rpartition('@')[0]}@{address}").geturl()
    async with open_database(own) as database:
        users = UserRepository(database)
        yield {
            "check": database.check,
            "get": lambda: users.get(uuid7()),
            "create": lambda: users.create(f"{uuid7()}@example.com", password_hash="unused"),
        }


@asynccontextmanager
async def _session_store(address: str, url: str, prefix: str) -> AsyncIterator[dict[str, Call]]:
    own = urlsplit(url)._replace(netloc=address).geturl()
    async with open_sessions(own, prefix=prefix, idle_seconds=5, absolute_seconds=5) as sessions:
        yield {
            "check": sessions.check,
            "create": lambda: sessions.create(uuid7(), label=""),
            "authenticate": lambda: sessions.authenticate("unknown"),
        }


@asynccontextmanager
async def _object_store(address: str, account: S3Account, bucket: str) -> AsyncIterator[dict[str, Call]]:
    own = replace(account, endpoint_url=f"http://{address}")
    key, other_key = f"{uuid7()}/a", f"{uuid7()}/a"
    async with open_objects(own, public_endpoint_url="", bucket=bucket, link_seconds=60) as objects:
        yield {
            "check": objects.check,
            "put": lambda: objects.put(key, b"x", media_type="image/png", file_name="a.png"),
            "get": lambda: objects.get(key, max_bytes=10),
            "upload": lambda: _upload(objects, key),
            "delete": lambda: objects.delete([other_key]),  # one that was frozen is carried out later
        }


def _address(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    assert parts.hostname
    assert parts.port
    return parts.hostname, parts.port


SERVERS = [
    pytest.param("database", marks=pytest.mark.needs("postgres")),
    pytest.param("session_store", marks=pytest.mark.needs("redis")),
    "object_store",
]


@pytest.fixture(params=SERVERS)
def dependency(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def server(request: pytest.FixtureRequest, dependency: str) -> tuple[str, Opens]:
    """Where it is, and what opens a client on another address of it."""
    if dependency == "database":
        url: str = request.getfixturevalue("migrated_postgres")
        return url, partial(_database, url=url)
    if dependency == "session_store":
        url = request.getfixturevalue("redis_url")
        return url, partial(_session_store, url=url, prefix=request.getfixturevalue("redis_prefix"))
    account: S3Account = request.getfixturevalue("account")
    bucket: str = request.getfixturevalue("s3_server").bucket
    return account.endpoint_url, partial(_object_store, account=account, bucket=bucket)


async def test_away_frozen_and_back(dependency: str, server: tuple[str, Opens]) -> None:
    url, opens = server
    proxy = Proxy(*_address(url))
    await proxy.start()
    async with opens(f"127.0.0.1:{proxy.port}") as calls:

        async def outcomes() -> dict[str, str]:
            """All at once, as the requests of many clients."""
            found = await asyncio.gather(*map(_outcome, calls.values()))
            check_seconds(max(seconds for _, seconds in found), most=5)
            return dict(zip(calls, (what for what, _ in found), strict=True))

        for call in calls.values():  # in order: get finds what put has written
            await _answered(call)
        proxy.freeze()
        assert await outcomes() == dict.fromkeys(calls, dependency)
        assert await outcomes() == dict.fromkeys(calls, dependency)  # now also the connecting
        proxy.thaw()
        for call in calls.values():
            await _answered(call)
        await proxy.cut()
        assert await outcomes() == dict.fromkeys(calls, dependency)
        await proxy.start()
        for call in calls.values():
            await _answered(call)
    await proxy.cut()


async def test_a_connection_that_the_server_closed_is_replaced_unnoticed(migrated_postgres: str) -> None:
    async with open_database(migrated_postgres) as database, open_database(migrated_postgres) as other:
        await asyncio.gather(*(database.check() for _ in range(5)))
        async with other.writing() as connection:
            await connection.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            )
        await asyncio.sleep(1)  # until the driver has noticed, on a busy machine too
        await asyncio.gather(*(database.check() for _ in range(5)))


@pytest.mark.parametrize("is_repeated", [True, False])
async def test_a_try_that_is_repeated_deletes_nothing(
    account: S3Account, s3_server: S3Server, *, is_repeated: bool
) -> None:
    """Holds promise 6: its DELETE would come late, and take what the next try has written under the same key."""
    proxy, key = Proxy(*_address(account.endpoint_url)), f"{uuid7()}/a"
    await proxy.start()
    own = replace(account, endpoint_url=f"http://127.0.0.1:{proxy.port}")
    async with open_objects(own, public_endpoint_url="", bucket=s3_server.bucket, link_seconds=60) as objects:
        with pytest.raises(TimeoutError):
            await _give_up(objects, key, proxy, is_repeated=is_repeated)
        await asyncio.sleep(1)

        async def is_as_it_must_be() -> bool:
            return {found.key async for found in objects.list(key)} == ({key} if is_repeated else set())

        await eventually(is_as_it_must_be)
    await proxy.cut()


async def _give_up(objects: S3Store, key: str, proxy: Proxy, *, is_repeated: bool) -> None:
    """The request goes on by itself, and has its effect."""
    async with objects.open_upload(key, media_type="image/png", is_repeated=is_repeated) as upload:
        await upload.write(b"x")
        proxy.freeze()
        try:
            async with asyncio.timeout(2):
                await upload.complete()
        finally:
            proxy.thaw()
