"""Delays before the next attempt."""

import random

_LONGEST_SECONDS = 60.0


def backoff_seconds(attempt: int, *, base_seconds: float) -> float:
    """Return a delay with full jitter: uniform in 0..base * 2^(attempt - 1), at most a minute.

    Spreads the retries of tasks that failed together (AWS Architecture Blog, "Exponential Backoff And Jitter").
    `attempt` counts from 1.
    """
    ceiling = min(_LONGEST_SECONDS, base_seconds * 2.0 ** (attempt - 1))
    return random.uniform(0, ceiling)  # noqa: S311 - jitter is no secret
