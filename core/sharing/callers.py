"""For whom the current task works, so that callers can share fairly what there is little of."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

SERVICE = ""  # leases, sweeps, probes: nobody's request
_caller: ContextVar[str] = ContextVar("caller", default=SERVICE)
_holds_up_others: ContextVar[bool] = ContextVar("holds_up_others", default=False)


def current_caller() -> str:
    return _caller.get()


def work_for(caller: str) -> None:
    """From now on, in this asyncio task and those that it starts."""
    _caller.set(caller)


def holds_up_others() -> bool:
    """Whether others may be waiting for what this task has, so that putting it off would put them off."""
    return _holds_up_others.get()


@contextmanager
def holding_up_others() -> Iterator[None]:
    _holds_up_others.set(True)
    try:
        yield
    finally:
        _holds_up_others.set(False)
