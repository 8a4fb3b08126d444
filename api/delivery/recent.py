"""Remembers for a short time what was looked up, so that many requests for the same cost one look."""

import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable

RECHECK_SECONDS = 1.0  # how long a deleted key or image is still delivered
MAX_KEPT = 10_000


class Recent[K, V]:
    """Keeps each value for `seconds`, and at most 10,000: those that were not used for longest are dropped."""

    def __init__(self, *, seconds: float) -> None:
        self._seconds = seconds
        self._kept: OrderedDict[K, tuple[V, float]] = OrderedDict()

    async def get(self, key: K, look: Callable[[], Awaitable[V]]) -> V:
        """Return the value. None, what `look` returns for nothing, is not kept."""
        if (kept := self.recall(key)) is not None:
            return kept
        expires = time.monotonic() + self._seconds
        value = await look()
        if value is not None:
            self._keep(key, value, expires)
        return value

    def recall(self, key: K) -> V | None:
        """Return the value if it is remembered."""
        if (kept := self._kept.get(key)) and kept[1] > time.monotonic():
            self._kept.move_to_end(key)
            return kept[0]
        return None

    def drop(self, key: K) -> None:
        self._kept.pop(key, None)

    def _keep(self, key: K, value: V, expires: float) -> None:
        self._kept[key] = (value, expires)
        self._kept.move_to_end(key)
        if len(self._kept) > MAX_KEPT:
            self._kept.popitem(last=False)
