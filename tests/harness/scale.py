"""How much of a promise a test tries: its whole figure in `make faults`, a part of it with every change."""

import os

WHOLE = os.environ.get("DARKROOM_TEST_WHOLE") == "1"


def figure(*, part: int, whole: int) -> int:
    return whole if WHOLE else part
