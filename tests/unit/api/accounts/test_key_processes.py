"""API keys in several processes: a revoked one is rejected in each, and the requests of all are counted."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from api.keys.cache import KeyCache
from api.keys.service import ApiKeys, open_api_keys
from core.errors import TooManyRequests
from storage import ApiKeyRepository, NewApiKey, Scope, UserRepository
from storage.redis.client import open_redis
from storage.redis.notifications import Notifications
from storage.redis.rate_limits import LimitStore
from storage.sql.database import open_database
from storage.sql.upgrade import migrate

pytestmark = pytest.mark.asyncio(loop_scope="session")


@asynccontextmanager
async def process(database_url: str, redis_url: str, prefix: str, **settings: float) -> AsyncIterator[ApiKeys]:
    """The API keys of one process, with connections of its own."""
    async with open_database(database_url) as database, open_redis(redis_url) as redis:
        revocations = Notifications(redis, channel=f"{prefix}revoked")
        limits = LimitStore(redis, url=redis_url, prefix=prefix)
        options: Any = {"requests_per_minute": 3, **settings}
        async with open_api_keys(ApiKeyRepository(database), revocations, limits, **options) as keys:
            yield keys
            await revocations.finish_publishing()


@pytest.fixture
async def database_url(tmp_path: Path) -> str:
    url = f"sqlite+aiosqlite:///{tmp_path}/darkroom.db"
    await migrate(url)
    return url


@pytest.fixture
async def new_keys(database_url: str) -> AsyncIterator[Callable[[], Awaitable[NewApiKey]]]:
    async with open_database(database_url) as database:
        user = await UserRepository(database).create("me@example.com", password_hash="unused")
        repository = ApiKeyRepository(database)
        yield partial(repository.create, user.user_id, name="CI", scopes=[Scope.READ])


NewKeys = Callable[[], Awaitable[NewApiKey]]


@pytest.mark.needs("redis")
async def test_another_process_rejects_a_revoked_key_when_it_is_notified(
    database_url: str, new_keys: NewKeys, redis_url: str, redis_prefix: str
) -> None:
    """Here keys are cached for an hour, so that only the notification can remove one."""
    async with (
        process(database_url, redis_url, redis_prefix, cached_seconds=3600) as one,
        process(database_url, redis_url, redis_prefix, cached_seconds=3600) as other,
    ):
        is_rejected = False
        while not is_rejected:  # again, since a subscription takes effect some time after it was made
            new = await new_keys()
            assert await other.is_valid(new.token)
            assert await one.revoke(new.key.key_id, owner_id=new.key.owner_id)
            assert not await one.is_valid(new.token)
            for _ in range(50):
                is_rejected = is_rejected or not await other.is_valid(new.token)
                await asyncio.sleep(0.01)


async def test_a_lost_notification_is_made_up_for_by_reading_again(
    database_url: str, new_keys: NewKeys, redis_url: str, redis_prefix: str
) -> None:
    async with (
        process(database_url, redis_url, f"{redis_prefix}a:") as one,
        process(database_url, redis_url, f"{redis_prefix}b:", cached_seconds=0) as other,
    ):
        new = await new_keys()
        assert await other.is_valid(new.token)
        await one.revoke(new.key.key_id, owner_id=new.key.owner_id)
        assert not await other.is_valid(new.token)


@pytest.mark.needs("redis")
async def test_the_requests_of_all_processes_are_counted(
    database_url: str, new_keys: NewKeys, redis_url: str, redis_prefix: str
) -> None:
    new = await new_keys()
    async with (
        process(database_url, redis_url, redis_prefix) as one,
        process(database_url, redis_url, redis_prefix) as other,
    ):
        for keys in (one, other, one):
            assert await keys.authenticate(new.token)
        with pytest.raises(TooManyRequests):
            await other.authenticate(new.token)


async def test_a_key_that_is_revoked_while_it_is_read_is_not_cached(database_url: str, new_keys: NewKeys) -> None:
    new = await new_keys()
    async with open_database(database_url) as database:
        repository = ApiKeyRepository(database)
        cache = KeyCache(repository, seconds=3600)
        reading = asyncio.create_task(cache.get(new.token))
        await asyncio.sleep(0)  # it has begun
        cache.forget(new.key.key_id)
        assert await reading == new.key
        await repository.delete(new.key.key_id, owner_id=new.key.owner_id)
        assert await cache.get(new.token) is None


async def test_the_cache_is_bounded(database_url: str, new_keys: NewKeys) -> None:
    """It keeps the newest."""
    async with open_database(database_url) as database:
        repository = ApiKeyRepository(database)
        cache = KeyCache(repository, seconds=3600, max_keys=2)
        made = [await new_keys() for _ in range(3)]
        for new in made:
            await cache.get(new.token)
        await repository.delete_all(made[0].key.owner_id)
        assert [await cache.get(new.token) for new in made] == [None, made[1].key, made[2].key]
