"""Blocking work on files, in a thread. Its errors give the reason of the operating system, without a path."""

import asyncio
import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from core.errors import DependencyUnavailable, StorageFull
from core.telemetry import calling

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


async def in_thread[T](call: str, work: Callable[[], T]) -> T:
    """Return the result of `work`. `call` is its name in the metrics. Raises DependencyUnavailable for an OSError."""
    with reported(call):
        return await asyncio.to_thread(work)


@contextmanager
def reported(call: str) -> Iterator[None]:
    """Measure a call. Raises DependencyUnavailable for an OSError."""
    with calling("object_store", call):
        try:
            yield
        except OSError as error:
            kind = StorageFull if error.errno in _FULL else DependencyUnavailable
            reason = os.strerror(error.errno) if error.errno else type(error).__name__
            raise kind("object_store", f"The data directory cannot be used: {reason}.") from error
