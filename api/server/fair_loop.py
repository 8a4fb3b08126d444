"""Shares the event loop: in each period, the requests of one caller run for a limited time, then those of others.

Without it, whoever sends a hundred requests at once gets a hundred times as much of the loop as who sends one.
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Generator
from types import coroutine
from typing import Any

from core.sharing.callers import SERVICE, blocks_others, current_caller

_TURN_SECONDS = 0.0005
_SAVED_TURNS = 100  # the most that a caller saves up, so that occasional requests never queue
# Applies while several callers are active; in between, threads that work for the others get the interpreter.
_PERIOD_SECONDS = 0.004

type _Steps[T] = Generator[Any, None, T]
type _Turn = asyncio.Future[None]


class FairLoop:
    """Schedules the requests of one event loop. The service's own work, such as a probe, is never delayed."""

    def __init__(self) -> None:
        self._left_seconds: dict[str, float] = {}  # of callers below the most that they can save up
        self._queues: dict[str, _Queue] = {}

    @coroutine
    def run(self, work: Awaitable[None]) -> _Steps[None]:
        """Await `work`. Each step, from one `await` to the next, begins when its caller has a turn."""
        steps = work.__await__()
        thrown = yield from _catching(self._queue(is_new=True))
        while True:
            try:
                awaited = self._step(steps, thrown)
            except StopIteration:
                return
            thrown = yield from _catching(self._wait(awaited))

    def _wait(self, awaited: Any) -> _Steps[None]:  # noqa: ANN401 - a future, or None, as coroutines yield it
        yield awaited
        yield from self._queue(is_new=False)

    def _queue(self, *, is_new: bool) -> _Steps[None]:
        caller = current_caller()
        if self._must_queue(caller):
            yield from self._queues.setdefault(caller, _Queue()).join(is_new=is_new)

    def _must_queue(self, caller: str) -> bool:
        if caller == SERVICE or blocks_others():
            return False
        return caller in self._queues or self._left_seconds.get(caller, _TURN_SECONDS) <= 0

    def _step(self, steps: _Steps[None], thrown: BaseException | None) -> Any:  # noqa: ANN401
        started = time.perf_counter()
        try:
            return steps.send(None) if thrown is None else steps.throw(thrown)
        finally:
            self._charge(current_caller(), time.perf_counter() - started)

    def _charge(self, caller: str, seconds: float) -> None:
        if caller == SERVICE:
            return
        if not self._left_seconds:
            asyncio.get_running_loop().call_soon(self._begin_period)
        left_seconds = self._left_seconds.get(caller, _SAVED_TURNS * _TURN_SECONDS) - seconds
        self._left_seconds[caller] = left_seconds
        if left_seconds > 0:
            self._resume_one(caller)

    def _begin_period(self) -> None:
        """Give every caller its time anew: in each iteration for a caller that is alone, else every 4 ms."""
        if len(self._left_seconds) == 1 and not self._queues:
            self._left_seconds.clear()  # it kept nobody waiting, itself included
            return
        self._left_seconds = {
            caller: left_seconds + _TURN_SECONDS
            for caller, left_seconds in self._left_seconds.items()
            if left_seconds + _TURN_SECONDS < _SAVED_TURNS * _TURN_SECONDS or caller in self._queues
        }
        for caller in [caller for caller in self._queues if self._left_seconds.get(caller, _TURN_SECONDS) > 0]:
            self._resume_one(caller)
        if self._left_seconds:
            is_alone, loop = len(self._left_seconds) == 1, asyncio.get_running_loop()
            loop.call_soon(self._begin_period) if is_alone else loop.call_later(_PERIOD_SECONDS, self._begin_period)

    def _resume_one(self, caller: str) -> None:
        queue = self._queues.get(caller)
        if queue and not queue.resume_one():
            del self._queues[caller]


def _catching(steps: _Steps[None]) -> _Steps[BaseException | None]:
    """Run the steps and return the exception thrown into them, such as a cancellation."""
    try:
        yield from steps
    except GeneratorExit:
        raise
    except BaseException as error:  # noqa: BLE001 - passed on
        return error
    return None


class _Queue:
    """The waiting requests of one caller. Begun ones come before new ones: others may wait for what they hold."""

    def __init__(self) -> None:
        self._begun: deque[_Turn] = deque()
        self._new: deque[_Turn] = deque()

    def join(self, *, is_new: bool) -> _Steps[None]:
        turn = asyncio.get_running_loop().create_future()
        (self._new if is_new else self._begun).append(turn)
        return turn.__await__()

    def resume_one(self) -> bool:
        """Resume one request. Return False if none is left."""
        while self._begun or self._new:
            turn = (self._begun or self._new).popleft()
            if not turn.done():  # else its task was cancelled
                turn.set_result(None)
                break
        return bool(self._begun or self._new)
