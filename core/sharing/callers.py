"""Records for which caller an asyncio task works, so that scarce resources can be shared fairly."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

SERVICE = ""  # leases, sweeps and probes, which no client requested
_caller: ContextVar[str] = ContextVar("caller", default=SERVICE)
_blocks_others: ContextVar[bool] = ContextVar("blocks_others", default=False)


def current_caller() -> str:
    return _caller.get()


def work_for(caller: str) -> None:
    """Set the caller of this asyncio task and of the tasks that it starts."""
    _caller.set(caller)


def blocks_others() -> bool:
    """Return whether this task holds a resource that others wait for, so that delaying it would delay them."""
    return _blocks_others.get()


@contextmanager
def blocking_others() -> Iterator[None]:
    """Mark this task as one that holds a resource others wait for."""
    _blocks_others.set(True)
    try:
        yield
    finally:
        _blocks_others.set(False)
