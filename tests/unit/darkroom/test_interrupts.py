"""Ctrl+C ends a run wherever it arrives."""

import asyncio
import signal
from contextlib import suppress

import pytest

from darkroom.batch.interrupts import Interrupts


class Swallowing:
    """Interrupts the program while it is destroyed: Python reports what a destructor raises, and goes on."""

    def __del__(self) -> None:
        signal.raise_signal(signal.SIGINT)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_one_that_a_destructor_swallows() -> None:
    interrupts = Interrupts()
    with interrupts.handled():
        interrupts.check()
        Swallowing()
        with pytest.raises(KeyboardInterrupt):
            interrupts.check()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_one_that_a_closing_connection_swallows() -> None:
    async def work() -> str:
        signal.raise_signal(signal.SIGINT)
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        return "done"

    interrupts = Interrupts()
    with interrupts.handled(), pytest.raises(KeyboardInterrupt):
        interrupts.run(work())


def test_one_while_something_runs() -> None:
    ended: list[bool] = []

    async def work() -> None:
        signal.raise_signal(signal.SIGINT)
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(True)

    interrupts = Interrupts()
    with interrupts.handled(), pytest.raises(KeyboardInterrupt):
        interrupts.run(work())
    assert ended == [True]


def test_a_run_without_one_returns_its_result() -> None:
    async def work() -> int:
        return 7

    interrupts = Interrupts()
    with interrupts.handled():
        assert interrupts.run(work()) == 7
