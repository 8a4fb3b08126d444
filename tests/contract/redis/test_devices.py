"""Known devices over fakeredis and over Redis."""

from collections.abc import AsyncIterator

import pytest

from storage import DeviceStore
from storage.redis.client import open_redis


@pytest.fixture(params=["memory", pytest.param("redis", marks=pytest.mark.needs("redis"))])
async def devices(request: pytest.FixtureRequest) -> AsyncIterator[DeviceStore]:
    in_memory = request.param == "memory"
    url = "memory:" if in_memory else request.getfixturevalue("redis_url")
    prefix = "darkroom:" if in_memory else request.getfixturevalue("redis_prefix")
    async with open_redis(url) as redis:
        yield DeviceStore(redis, prefix=prefix)


async def test_a_device_is_known_to_one_account(devices: DeviceStore) -> None:
    token = await devices.remember("me", "")
    assert await devices.is_known("me", token)
    for account, other in (("me", ""), ("me", token[:-1]), ("me", "\0é"), ("somebody else", token)):
        assert not await devices.is_known(account, other)


async def test_a_known_token_stays_and_any_other_is_replaced(devices: DeviceStore) -> None:
    token = await devices.remember("me", "planted")
    assert token != "planted"
    assert await devices.remember("me", token) == token
    assert await devices.remember("somebody else", token) != token


async def test_the_one_unused_for_longest_makes_room(devices: DeviceStore) -> None:
    first, second = await devices.remember("me", ""), await devices.remember("me", "")
    await devices.remember("me", first)
    tokens = [await devices.remember("me", "") for _ in range(99)]
    assert [await devices.is_known("me", each) for each in (first, second, *tokens)] == [True, False, *[True] * 99]


async def test_forgetting(devices: DeviceStore) -> None:
    first, second, third = [await devices.remember("me", "") for _ in range(3)]
    await devices.forget("me", first)
    assert [await devices.is_known("me", each) for each in (first, second, third)] == [False, True, True]
    await devices.forget_all("me", except_token=third)
    assert [await devices.is_known("me", each) for each in (second, third)] == [False, True]
    await devices.forget_all("me", except_token=second)
    assert not await devices.is_known("me", third)
