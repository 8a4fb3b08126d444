"""Who gets the next place."""

import asyncio
import math

from core.sharing.callers import SERVICE
from core.sharing.gate import Gate


class Crowd:
    """Callers that ask for a place and keep it until they are told to leave."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._leaving: list[tuple[str, asyncio.Event]] = []
        self.admitted: list[str] = []
        self.tasks: list[asyncio.Task[None]] = []

    async def ask(self, *callers: str) -> None:
        self.tasks += [asyncio.create_task(self._stay(caller)) for caller in callers]
        await _settle()

    async def leave(self, caller: str) -> None:
        """The first of this caller's that was admitted."""
        found = next(each for each in self._leaving if each[0] == caller)
        self._leaving.remove(found)
        found[1].set()
        await _settle()

    async def _stay(self, caller: str) -> None:
        async with self._gate.place(caller):
            self.admitted.append(caller)
            leaving = asyncio.Event()
            self._leaving.append((caller, leaving))
            await leaving.wait()


async def _settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_one_caller_has_at_most_its_share() -> None:
    crowd = Crowd(Gate(4, share=2))
    await crowd.ask("a", "a", "a", "b")
    assert crowd.admitted == ["a", "a", "b"]
    await crowd.leave("b")
    assert crowd.admitted == ["a", "a", "b"], "a free place is no reason to exceed the share"
    await crowd.leave("a")
    assert crowd.admitted == ["a", "a", "b", "a"]


async def test_callers_take_turns_and_keep_their_own_order() -> None:
    crowd = Crowd(Gate(1, share=1))
    await crowd.ask("a", "a", "a", "a", "b", "b", "c")
    for caller in ("a", "a", "b", "c", "a", "b", "a"):
        assert crowd.admitted[-1] == caller
        await crowd.leave(caller)


async def test_the_service_comes_first_and_has_places_of_its_own() -> None:
    crowd = Crowd(Gate(3, reserved=1, share=3))
    await crowd.ask("a", "b", "c", SERVICE, SERVICE)
    assert crowd.admitted == ["a", "b", SERVICE]
    await crowd.leave("a")
    assert crowd.admitted == ["a", "b", SERVICE, SERVICE]
    await crowd.leave(SERVICE)
    assert "c" not in crowd.admitted, "the last free place is the service's"
    await crowd.leave(SERVICE)
    assert crowd.admitted[-1] == "c"


async def test_who_gives_up_leaves_no_trace() -> None:
    gate = Gate(1, share=1)
    crowd = Crowd(gate)
    await crowd.ask("a", "b", "c")
    crowd.tasks[1].cancel()
    await crowd.leave("a")
    assert crowd.admitted == ["a", "c"]
    await crowd.leave("c")
    assert gate.try_acquire("b")


async def test_a_place_that_comes_while_giving_up_goes_on() -> None:
    """Cancelled in the same iteration of the loop in which the place was handed out, before and after."""
    for cancels_first in (True, False):
        gate = Gate(1, share=1)
        assert gate.try_acquire("a")
        waiting = asyncio.create_task(gate.acquire("b"))
        await _settle()
        if cancels_first:
            waiting.cancel()
            gate.release("a")
        else:
            gate.release("a")
            waiting.cancel()
        await _settle()
        assert waiting.cancelled()
        assert gate.try_acquire("c")


async def test_nobody_overtakes_those_of_the_same_caller() -> None:
    gate = Gate(math.inf, share=1)
    crowd = Crowd(gate)
    await crowd.ask("a", "a")
    assert not gate.try_acquire("a")
    assert gate.try_acquire("b")
