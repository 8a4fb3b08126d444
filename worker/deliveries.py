"""Deletes delivered images that were not used for long, or that are more than the object store may hold."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from storage import Storage

_BATCH = 1000
_INTERVAL_SECONDS = 60.0  # between two collections: each adds up all sizes


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryCollection:
    storage: Storage
    max_bytes: int
    unused_seconds: float
    interval_seconds: float = _INTERVAL_SECONDS

    async def run(self) -> int:
        """Return how many were deleted. Rows go first: who has read one that is gone renders the image anew."""
        delivered = self.storage.delivered
        unused = await self._remove(lambda: delivered.remove_unused(unused_seconds=self.unused_seconds, limit=_BATCH))
        return unused + await self._remove(lambda: delivered.remove_excess(max_bytes=self.max_bytes, limit=_BATCH))

    async def _remove(self, remove: Callable[[], Awaitable[list[str]]]) -> int:
        removed = 0
        while keys := await remove():
            await self.storage.objects.delete(keys)
            removed += len(keys)
        return removed
