"""Named places where a fault test can break the process: `DARKROOM_FAILPOINT=name[:n]=kill|stop|raise|sleep`.

Does nothing unless `DARKROOM_TESTING=1`; a process with a fail-point and without that exits at startup. `n` is the
visit that breaks (default 1, `*` for every one); the render processes of a worker count together. `sleep` waits
an hour: time enough to kill the process from outside.
"""

import asyncio
import mmap
import os
import signal
import time
from functools import lru_cache

from core.errors import ConfigurationError

_SLEEP_SECONDS = 3600.0
_EVERY_VISIT = 0
_visits = mmap.mmap(-1, 8)  # of the named place; shared with whoever is forked from this process


class FailpointReached(RuntimeError):
    """Raised by the action `raise`: an error that nobody expected."""


def check_failpoint_settings() -> None:
    """Raise ConfigurationError for a fail-point outside a test, or an invalid one."""
    text = os.environ.get("DARKROOM_FAILPOINT")
    if text and os.environ.get("DARKROOM_TESTING") != "1":
        raise ConfigurationError("DARKROOM_FAILPOINT is for tests only. Unset it, or set DARKROOM_TESTING=1.")
    if text and _parse(text)[2] not in {"kill", "stop", "raise", "sleep"}:
        raise ConfigurationError(f"DARKROOM_FAILPOINT is {text!r}: must be name[:n]=kill|stop|raise|sleep.")


async def failpoint(name: str) -> None:
    """Break here if the environment names this fail-point."""
    if _strike(name):
        await asyncio.sleep(_SLEEP_SECONDS)


def blocking_failpoint(name: str) -> None:
    """The same for code outside an event loop, such as the render process."""
    if _strike(name):
        time.sleep(_SLEEP_SECONDS)


def _strike(name: str) -> bool:
    """Carry out the action. True: the caller must sleep."""
    wanted, visit, action = _parse(os.environ.get("DARKROOM_FAILPOINT", ""))
    if name != wanted:
        return False
    if visit not in {_EVERY_VISIT, _count_visit()}:
        return False
    if action == "raise":
        raise FailpointReached(name)
    if action in {"kill", "stop"}:
        os.kill(os.getpid(), signal.SIGKILL if action == "kill" else signal.SIGSTOP)
    return action == "sleep"


def _count_visit() -> int:
    visits = int.from_bytes(_visits[:]) + 1
    _visits[:] = visits.to_bytes(len(_visits))
    return visits


@lru_cache(maxsize=1)
def _parse(text: str) -> tuple[str, int, str]:
    place, _, action = text.partition("=")
    name, _, visit = place.partition(":")
    return name, _EVERY_VISIT if visit == "*" else int(visit) if visit.isdigit() else 1, action
