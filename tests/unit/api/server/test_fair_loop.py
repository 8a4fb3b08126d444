"""Turns on the event loop: counted in steps, not in seconds."""

import asyncio
import time
from contextlib import AbstractContextManager, nullcontext

import pytest

from api.server.fair_loop import FairLoop
from core.sharing.callers import SERVICE, blocking_others, work_for

_LONGER_THAN_A_TURN_SECONDS = 0.0006
_MANY = 100
_STEPS = 10


def _work_a_little() -> None:
    until = time.perf_counter() + _LONGER_THAN_A_TURN_SECONDS
    while time.perf_counter() < until:
        pass


class Machine:
    """One loop, and whose steps it ran in which order."""

    def __init__(self) -> None:
        self.loop = FairLoop()
        self.steps: list[str] = []

    def start(self, caller: str, *, steps: int = _STEPS) -> asyncio.Task[None]:
        return asyncio.create_task(self._request(caller, steps))

    async def _request(self, caller: str, steps: int) -> None:
        work_for(caller)
        await self.loop.run(self.take_steps(caller, steps))

    async def take_steps(self, caller: str, steps: int) -> None:
        for _ in range(steps):
            _work_a_little()
            self.steps.append(caller)
            await asyncio.sleep(0)


async def test_who_sends_one_request_is_not_behind_who_sends_many() -> None:
    """Holds promise 30: without turns, each step of the one waits for a step of each of the many."""
    machine = Machine()
    many = [machine.start("greedy") for _ in range(_MANY)]
    await machine.start("modest")
    assert machine.steps.count("greedy") < _MANY * _STEPS / 4
    await asyncio.gather(*many)
    assert machine.steps.count("greedy") == _MANY * _STEPS


async def test_the_service_never_waits_for_a_turn() -> None:
    machine = Machine()
    many = [machine.start("greedy") for _ in range(_MANY)]
    await asyncio.gather(*(machine.start(SERVICE) for _ in range(5)))
    assert machine.steps.count("greedy") < _MANY * _STEPS / 4
    for each in many:
        each.cancel()


async def test_who_has_what_others_wait_for_goes_on() -> None:
    """All have begun, so each step of the one would wait for a step of each of the many."""
    machine, going_on = Machine(), asyncio.Event()

    async def request(name: str, keeps: AbstractContextManager[None]) -> None:
        work_for("greedy")

        async def steps() -> None:
            await going_on.wait()
            with keeps:
                await machine.take_steps(name, _STEPS)

        await machine.loop.run(steps())

    many = [asyncio.create_task(request("greedy", nullcontext())) for _ in range(_MANY)]
    holding = asyncio.create_task(request("holding", blocking_others()))
    await asyncio.sleep(0.1)
    going_on.set()
    await holding
    assert machine.steps.count("greedy") < _MANY * _STEPS / 4
    await asyncio.gather(*many)


async def test_results_errors_and_cancellations_pass_through() -> None:
    loop, seen = FairLoop(), []

    async def fail() -> None:
        await asyncio.sleep(0)
        raise ValueError("mine")

    async def wait() -> None:
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            seen.append("cancelled")
            raise

    async def give_up() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await asyncio.sleep(3600)
        seen.append("gave up")

    with pytest.raises(ValueError, match="mine"):
        await loop.run(fail())
    await loop.run(give_up())
    waiting = asyncio.create_task(_as_task(loop, wait()))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert seen == ["gave up", "cancelled"]


async def test_a_request_can_be_cancelled_while_it_waits_for_its_turn() -> None:
    machine = Machine()
    many = [machine.start("greedy") for _ in range(_MANY)]
    await asyncio.sleep(0)
    many[-1].cancel()
    await asyncio.wait({many[-1]})
    assert many[-1].cancelled()
    await asyncio.gather(*many[:-1])
    assert len(machine.steps) <= _MANY * _STEPS


async def _as_task(loop: FairLoop, work: object) -> None:
    await loop.run(work)  # type: ignore[arg-type]
