"""What was looked up is remembered for a while, and nothing else is."""

from api.delivery import recent
from api.delivery.recent import Recent

HOUR = 3600


class Shelf:
    """Counts looks, and finds the value that it was given."""

    def __init__(self, value: str | None) -> None:
        self.value = value
        self.looks = 0

    async def look(self) -> str | None:
        self.looks += 1
        return self.value


async def test_a_value_is_looked_up_once_in_its_time() -> None:
    known, shelf = Recent[str, str | None](seconds=HOUR), Shelf("cat")
    assert [await known.get("a", shelf.look) for _ in range(3)] == ["cat"] * 3
    assert shelf.looks == 1


async def test_an_old_value_is_looked_up_again() -> None:
    known, shelf = Recent[str, str | None](seconds=0), Shelf("cat")
    await known.get("a", shelf.look)
    shelf.value = "dog"
    assert await known.get("a", shelf.look) == "dog"


async def test_nothing_is_not_kept() -> None:
    known, shelf = Recent[str, str | None](seconds=HOUR), Shelf(None)
    assert await known.get("a", shelf.look) is None
    shelf.value = "cat"
    assert await known.get("a", shelf.look) == "cat"


async def test_what_was_dropped_is_looked_up_again() -> None:
    known, shelf = Recent[str, str | None](seconds=HOUR), Shelf("cat")
    await known.get("a", shelf.look)
    known.drop("a")
    await known.get("a", shelf.look)
    assert shelf.looks == 2


async def test_the_least_recently_used_is_dropped() -> None:
    known, shelf = Recent[int, str | None](seconds=HOUR), Shelf("cat")
    for number in range(recent.MAX_KEPT):
        await known.get(number, shelf.look)
    await known.get(0, shelf.look)
    await known.get(recent.MAX_KEPT, shelf.look)  # 1 is dropped for it
    looks = shelf.looks
    await known.get(0, shelf.look)
    assert shelf.looks == looks
    await known.get(1, shelf.look)
    assert shelf.looks == looks + 1
