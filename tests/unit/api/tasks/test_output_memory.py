"""Outputs in memory: bounded, and made once for all who wait."""

import asyncio

import pytest

from api.delivery.memory import DeliveredImage, OutputMemory
from core.errors import InvalidImage


def image(size: int) -> DeliveredImage:
    return DeliveredImage(data=b"x" * size, format="png", media_type="image/png", extension="png")


class Source:
    """Makes an image of some bytes and counts how often."""

    def __init__(self, size: int) -> None:
        self.made = 0
        self.may_end = asyncio.Event()
        self._size = size

    async def make(self) -> DeliveredImage:
        self.made += 1
        await self.may_end.wait()
        return image(self._size)


async def test_the_least_recently_used_is_dropped() -> None:
    memory, sources = OutputMemory(max_bytes=10), {name: Source(4) for name in "abc"}
    for source in sources.values():
        source.may_end.set()
    for name in ("a", "b", "a", "c"):
        await memory.get(name, sources[name].make)
    kept = [(await memory.get(name, sources[name].make))[1] for name in ("a", "c", "b")]
    assert kept == [True, True, False]


async def test_what_is_larger_than_the_memory_is_not_kept() -> None:
    memory, small, large = OutputMemory(max_bytes=10), Source(10), Source(11)
    for source in (small, large):
        source.may_end.set()
    for _ in range(2):
        for name, source in (("small", small), ("large", large)):
            await memory.get(name, source.make)
    assert (small.made, large.made) == (1, 2)


async def test_a_client_that_disconnects_takes_nothing_from_the_others() -> None:
    memory, source = OutputMemory(max_bytes=10), Source(4)
    first, second = [asyncio.create_task(memory.get("a", source.make)) for _ in range(2)]
    await asyncio.sleep(0)
    first.cancel()
    source.may_end.set()
    assert await second == (image(4), False)
    assert source.made == 1


async def test_an_error_reaches_all_who_wait_and_is_not_kept() -> None:
    memory, calls = OutputMemory(max_bytes=10), 0

    async def fail() -> DeliveredImage:
        nonlocal calls
        calls += 1
        raise InvalidImage("The image is damaged.")

    outcomes = await asyncio.gather(*(memory.get("a", fail) for _ in range(3)), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [InvalidImage] * 3
    assert calls == 1
    with pytest.raises(InvalidImage):
        await memory.get("a", fail)
    assert calls == 2


async def test_closing_ends_what_is_being_made() -> None:
    memory, source = OutputMemory(max_bytes=10), Source(4)
    waiting = asyncio.create_task(memory.get("a", source.make))
    await asyncio.sleep(0)
    await memory.close()
    with pytest.raises(asyncio.CancelledError):
        await waiting
