"""Sessions over fakeredis and over Redis: they slide, they end, and what was revoked stays so."""

import asyncio
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, ExitStack
from functools import partial
from pathlib import Path
from uuid import UUID

import pytest
from redis.asyncio import Redis

from core.errors import ConfigurationError, DependencyUnavailable
from core.ids import uuid7
from storage.redis.sessions import SessionStore
from tests.contract.redis.redis_stores import open_sessions
from tests.harness.eventually import eventually
from tests.harness.managed_servers import listens, spawn, wait_until_answering
from tests.harness.ports import free_port
from tests.harness.scale import figure
from tests.harness.server_specs import binary

Opens = Callable[..., AbstractAsyncContextManager[SessionStore]]


@pytest.fixture(params=["fakeredis", pytest.param("redis", marks=pytest.mark.needs("redis"))])
def opens(request: pytest.FixtureRequest) -> Opens:
    if request.param == "fakeredis":
        return partial(open_sessions, "memory:", prefix="darkroom:")
    return partial(open_sessions, request.getfixturevalue("redis_url"), prefix=request.getfixturevalue("redis_prefix"))


@pytest.fixture
async def sessions(opens: Opens) -> AsyncIterator[SessionStore]:
    async with opens(idle_seconds=60, absolute_seconds=3600) as sessions:
        yield sessions


async def _everything(redis: Redis, prefix: str) -> str:
    texts = []
    async for key in redis.scan_iter(match=f"{prefix}*"):
        kind = await redis.type(key)
        value = await redis.get(key) if kind == b"string" else await redis.zrange(key, 0, -1)
        texts.append(f"{key!r}={value!r}")
    return "\n".join(texts)


async def test_a_token_opens_its_session(sessions: SessionStore) -> None:
    user_id = uuid7()
    new = await sessions.create(user_id, label="curl/8")
    session = await sessions.authenticate(new.token)
    assert session
    assert (session.session_id, session.user_id, session.label) == (new.session.session_id, user_id, "curl/8")
    assert session.last_used_at > session.created_at == new.session.created_at
    assert new.token not in repr(new)


async def test_a_wrong_token_opens_nothing(sessions: SessionStore) -> None:
    await sessions.create(uuid7(), label="")
    for token in ("", "wrong", "\0", "é" * 1000):
        assert await sessions.authenticate(token) is None


async def test_a_session_in_use_slides_and_an_idle_one_ends(opens: Opens) -> None:
    """Holds promise 22: idle."""
    async with opens(idle_seconds=3600, absolute_seconds=7200) as sessions:
        used = await sessions.create(uuid7(), label="used")
        session = await sessions.authenticate(used.token)
        assert session
        assert session.expires_at > used.session.expires_at
        assert await sessions.list(used.session.user_id) == [session]
    async with opens(idle_seconds=1, absolute_seconds=3600) as sessions:
        idle = await sessions.create(uuid7(), label="idle")
        await until_none_is_listed(sessions, idle.session.user_id)
        assert await sessions.authenticate(idle.token) is None


async def test_a_session_is_written_once_within_a_hundredth_of_the_idle_time(opens: Opens) -> None:
    async with opens(idle_seconds=360_000, absolute_seconds=720_000) as sessions:
        new = await sessions.create(uuid7(), label="")
        first = await sessions.authenticate(new.token)
        assert await sessions.authenticate(new.token) == first
    async with opens(idle_seconds=50, absolute_seconds=100) as sessions:  # a hundredth is half a second
        new = await sessions.create(uuid7(), label="")
        first = await sessions.authenticate(new.token)

        async def is_written_again() -> bool:
            return await sessions.authenticate(new.token) != first

        await eventually(is_written_again)


async def test_no_session_outlives_the_absolute_limit(opens: Opens) -> None:
    """Holds promise 22: absolute."""
    async with opens(idle_seconds=3600, absolute_seconds=3600) as sessions:
        new = await sessions.create(uuid7(), label="")
        session = await sessions.authenticate(new.token)
        assert session
        assert session.expires_at == new.session.expires_at
    async with opens(idle_seconds=60, absolute_seconds=1) as sessions:
        new = await sessions.create(uuid7(), label="")

        async def is_closed() -> bool:
            return await sessions.authenticate(new.token) is None

        await eventually(is_closed)
        await until_none_is_listed(sessions, new.session.user_id)


async def until_none_is_listed(sessions: SessionStore, user_id: UUID) -> None:
    """Looking puts nothing off."""

    async def is_none_listed() -> bool:
        return not await sessions.list(user_id)

    await eventually(is_none_listed)


async def test_revoked_is_rejected_at_once(sessions: SessionStore) -> None:
    """Holds promise 20."""
    user_id = uuid7()
    new, other = await sessions.create(user_id, label="a"), await sessions.create(user_id, label="b")
    assert await sessions.revoke(user_id, new.session.session_id)
    assert await sessions.authenticate(new.token) is None
    assert not await sessions.revoke(user_id, new.session.session_id)
    assert await sessions.authenticate(other.token)


async def test_all_are_revoked_at_once_and_only_ones_own(sessions: SessionStore) -> None:
    """Holds promise 20."""
    user_id, other_user_id = uuid7(), uuid7()
    tokens = [(await sessions.create(user_id, label=str(n))).token for n in range(5)]
    theirs = await sessions.create(other_user_id, label="theirs")
    assert [session.label for session in await sessions.list(user_id)] == ["0", "1", "2", "3", "4"]
    assert not await sessions.revoke(user_id, theirs.session.session_id)
    assert await sessions.revoke_all(user_id) == 5
    assert await asyncio.gather(*map(sessions.authenticate, tokens)) == [None] * 5
    assert await sessions.list(user_id) == []
    assert await sessions.authenticate(theirs.token)
    assert await sessions.revoke_all(user_id) == 0


async def test_no_request_in_flight_brings_a_revoked_session_back(sessions: SessionStore) -> None:
    """Holds promise 20."""
    user_id = uuid7()
    for _ in range(20):
        new = await sessions.create(user_id, label="")
        requests = [sessions.authenticate(new.token) for _ in range(10)]
        await asyncio.gather(*requests, sessions.revoke(user_id, new.session.session_id))
        assert await sessions.authenticate(new.token) is None
        assert await sessions.list(user_id) == []


async def test_redis_holds_no_token(redis_url: str, redis_prefix: str) -> None:
    """Holds promise 22."""
    async with AsyncExitStack() as stack:
        sessions = await stack.enter_async_context(
            open_sessions(redis_url, prefix=redis_prefix, idle_seconds=60, absolute_seconds=60)
        )
        new = await sessions.create(uuid7(), label="curl")
        await sessions.authenticate(new.token)
        redis = await stack.enter_async_context(Redis.from_url(redis_url))
        stored = await _everything(redis, redis_prefix)
        assert "curl" in stored
        assert new.token not in stored
        ttls = [await redis.ttl(key) async for key in redis.scan_iter(match=f"{redis_prefix}*")]
        assert all(0 < ttl <= 60 for ttl in ttls)


async def test_the_list_of_a_user_who_never_looks_at_it_does_not_grow_forever(
    redis_url: str, redis_prefix: str
) -> None:
    user_id = uuid7()
    async with (
        open_sessions(redis_url, prefix=redis_prefix, idle_seconds=1, absolute_seconds=1) as sessions,
        Redis.from_url(redis_url) as redis,
    ):
        await sessions.create(user_id, label="old")
        await redis.persist(f"{redis_prefix}sessions:{user_id}")  # as another session would, that is still open
        await asyncio.sleep(1.1)
        assert await redis.zcard(f"{redis_prefix}sessions:{user_id}") == 1
        await sessions.create(user_id, label="new")
        assert await redis.zcard(f"{redis_prefix}sessions:{user_id}") == 1


async def test_the_oldest_of_too_many_sessions_ends(sessions: SessionStore) -> None:
    user = uuid7()
    first, *others = [await sessions.create(user, label=str(number)) for number in range(101)]
    assert await sessions.authenticate(first.token) is None
    assert [each.label for each in await sessions.list(user)] == [each.session.label for each in others]


async def test_a_server_that_is_away_is_said_to_be() -> None:
    async with open_sessions("redis://127.0.0.1:1/0", prefix="", idle_seconds=1, absolute_seconds=1) as sessions:
        with pytest.raises(DependencyUnavailable, match="ConnectionError") as caught:
            await sessions.check()
        assert caught.value.dependency == "session_store"


async def test_a_url_of_another_kind_is_rejected() -> None:
    with pytest.raises(ConfigurationError, match="DARKROOM_REDIS_URL"):
        async with open_sessions("memcached://localhost", prefix="", idle_seconds=1, absolute_seconds=1):
            pass


async def test_no_token_of_many_works_after_its_log_out(opens: Opens) -> None:
    """Holds promise 20: 10,000 of 10,000, here 400, each as soon as the log-out was answered."""
    rounds = figure(part=20, whole=500)
    async with opens(idle_seconds=600, absolute_seconds=600) as sessions:
        let_in = 0

        async def log_in_and_out(times: int) -> None:
            nonlocal let_in
            for _ in range(times):
                user_id = uuid7()
                new = await sessions.create(user_id, label="")
                await sessions.revoke(user_id, new.session.session_id)
                let_in += await sessions.authenticate(new.token) is not None

        await asyncio.gather(*(log_in_and_out(rounds) for _ in range(20)))
        assert let_in == 0


async def test_a_crash_of_redis_brings_nobody_back(tmp_path: Path) -> None:
    """Holds promise 20: killed after the log-outs and started again, with the switches of infra/compose.yml."""
    server = binary("redis-server") or binary("valkey-server")
    if not server:
        pytest.skip("there is no redis-server to be killed")
    port = free_port()
    switches = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", str(tmp_path)]
    url = f"redis://127.0.0.1:{port}/0"

    def start(stack: ExitStack) -> subprocess.Popen[bytes]:
        process = spawn(stack, [server, *switches], log=tmp_path / "log")
        wait_until_answering(lambda: listens(f"redis://127.0.0.1:{port}"), process, log=tmp_path / "log")
        return process

    with ExitStack() as stack:
        process = start(stack)
        async with open_sessions(url, prefix="", idle_seconds=600, absolute_seconds=600) as sessions:
            made = [await sessions.create(uuid7(), label="") for _ in range(figure(part=100, whole=10_000))]
            assert sum([await sessions.revoke_all(each.session.user_id) for each in made]) == len(made)
            process.kill()
            process.wait()
            start(stack)
            assert [each for each in made if await sessions.authenticate(each.token)] == []
