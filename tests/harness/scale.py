"""How much of a promise a test tries: its whole figure in `make faults`, a part of it with every change.

Nothing in `make test` is measured in seconds: it may run beside anything else. `make faults` has the machine to itself.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

WHOLE = os.environ.get("DARKROOM_TEST_WHOLE") == "1"


def figure(*, part: int, whole: int) -> int:
    return whole if WHOLE else part


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Raises AssertionError in `make faults` when what is done here takes longer."""
    started = time.monotonic()
    yield
    check_seconds(time.monotonic() - started, most=seconds)


def check_seconds(taken: float, *, most: float, what: str = "it") -> None:
    """The same for what was measured elsewhere."""
    assert not WHOLE or taken <= most, f"{what} took {taken:.2f} s instead of {most:g} s"
