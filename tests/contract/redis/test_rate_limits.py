"""Limits and locks, in the process and over Redis."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from storage.redis.locks import Locks
from storage.redis.rate_limits import Limit, LimitStore
from tests.contract.redis.redis_stores import open_counts

THREE = Limit(name="tries", times=3, window_seconds=3600)
SHORT = Limit(name="short", times=1, window_seconds=1)

Counts = tuple[LimitStore, Locks]


@pytest.fixture(params=["memory", pytest.param("redis", marks=pytest.mark.needs("redis"))])
async def counts(request: pytest.FixtureRequest) -> AsyncIterator[Counts]:
    if request.param == "memory":
        async with open_counts("memory:", prefix="darkroom:") as both:
            yield both
        return
    url, prefix = request.getfixturevalue("redis_url"), request.getfixturevalue("redis_prefix")
    async with open_counts(url, prefix=prefix) as both:
        yield both


@pytest.fixture
def limits(counts: Counts) -> LimitStore:
    return counts[0]


@pytest.fixture
def locks(counts: Counts) -> Locks:
    return counts[1]


async def test_past_the_limit_it_says_for_how_long(limits: LimitStore) -> None:
    taken = await asyncio.gather(*(limits.hit(THREE, "me") for _ in range(10)))
    rejected = [seconds for seconds in taken if seconds is not None]
    assert len(rejected) == 7
    assert all(3000 <= seconds <= 3600 for seconds in rejected)
    assert await limits.hit(THREE, "somebody else") is None


async def test_looking_takes_nothing(limits: LimitStore) -> None:
    for _ in range(3):
        for _ in range(9):
            assert await limits.wait_seconds(THREE, "me") is None
        assert await limits.hit(THREE, "me") is None
    assert await limits.wait_seconds(THREE, "me")
    await limits.forget(THREE, "me")
    assert await limits.hit(THREE, "me") is None


async def test_a_window_ends(limits: LimitStore) -> None:
    while (seconds := await limits.hit(SHORT, "me")) is None:
        pass
    assert seconds == 1
    await asyncio.sleep(seconds + 0.1)
    assert await limits.hit(SHORT, "me") is None


async def test_one_holds_and_the_next_comes_after(locks: Locks) -> None:
    async with locks.held("a") as mine:
        assert mine
        async with locks.held("a") as theirs, locks.held("b") as other:
            assert (theirs, other) == (False, True)
        async with locks.held("a") as theirs:
            assert not theirs, "who did not get it does not release it"
    async with locks.held("a") as mine:
        assert mine
