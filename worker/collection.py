"""Collects orphans: marks them, and deletes those marked long ago, unless they are suspiciously many."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import batched

import structlog

from core.failpoints import failpoint
from core.keys import DELIVERED, OUTPUTS, SOURCES
from storage import OrphanReason, Period, Storage, StoredObject
from worker.orphans import find_orphans

MAX_DELETIONS = 25  # or 1 % of the objects, if that is more
_BATCH = 100

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """Objects whose rows this database must have: older than `before`, and in none of the `gaps` of lost rows.

    An object without any row must be older than the newest row as well.
    """

    before: datetime
    newest_row_at: datetime | None
    gaps: list[Period]

    def covers(self, stored: StoredObject) -> bool:
        at = stored.modified_at
        return at < self.before and not any(gap.began_at <= at <= gap.ended_at for gap in self.gaps)

    def covers_without_row(self, stored: StoredObject) -> bool:
        return self.newest_row_at is not None and stored.modified_at <= self.newest_row_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """One walk over the whole bucket."""

    storage: Storage
    orphan_seconds: float
    trash_seconds: float

    async def run(self) -> int:
        """Return how many orphans were deleted. Raises ConfigurationError for a bucket of another deployment."""
        await self.storage.identity.verify()
        await self.storage.identity.raise_generation()
        objects = await self._mark()
        return await self._delete_due(max_deletions=max(MAX_DELETIONS, objects // 100))

    async def _mark(self) -> int:
        """Update the marks. Return the number of objects in the bucket."""
        orphans, objects = self.storage.orphans, 0
        began_at, watched = await orphans.time(), await self._watched()
        async for batch in self._batches():
            objects += len(batch)
            await orphans.mark(await self._judge([stored for stored in batch if watched.covers(stored)], watched))
        await orphans.unmark_unseen(since=began_at)
        return objects

    async def _watched(self) -> Watched:
        deployments = self.storage.deployments
        return Watched(
            before=datetime.now(UTC) - timedelta(seconds=self.orphan_seconds),
            newest_row_at=await deployments.newest_row_at(),
            gaps=await deployments.unwatched_periods(),
        )

    async def _batches(self) -> AsyncIterator[list[StoredObject]]:
        batch: list[StoredObject] = []
        for prefix in (SOURCES, OUTPUTS, DELIVERED):
            async for stored in self.storage.objects.list(prefix):
                batch.append(stored)
                if len(batch) == _BATCH:
                    yield batch
                    batch = []
        if batch:
            yield batch

    async def _judge(self, batch: list[StoredObject], watched: Watched) -> dict[str, OrphanReason]:
        found = await find_orphans(self.storage, [stored.key for stored in batch])
        too_new = {stored.key for stored in batch if not watched.covers_without_row(stored)}
        return {key: reason for key, reason in found.items() if not (reason is OrphanReason.NO_ROW and key in too_new)}

    async def _delete_due(self, *, max_deletions: int) -> int:
        """Delete due orphans. If there are more than `max_deletions`, an operator has to allow them."""
        orphans = self.storage.orphans
        due, allowed = await orphans.count_due(trash_seconds=self.trash_seconds), await self._use_allowance()
        budget = due if due <= max_deletions else allowed
        held = due - budget if due - budget > max_deletions else 0
        await orphans.hold(held)
        if held:
            _log.warning("orphans_held", held=held, max_deletions=max_deletions, see="python -m storage.orphans")
        return await self._delete(limit=budget)

    async def _use_allowance(self) -> int:
        allowed = (await self.storage.orphans.state()).allowed
        return allowed if allowed and await self.storage.orphans.use_allowance(allowed) else 0

    async def _delete(self, *, limit: int) -> int:
        """Look up their rows once more before the deletion: the marks may be minutes old."""
        orphans, deleted = self.storage.orphans, 0
        due = await orphans.due(trash_seconds=self.trash_seconds, limit=limit) if limit else []
        for keys in batched(due, _BATCH):
            found = await find_orphans(self.storage, keys)
            await failpoint("orphans_found")
            await self.storage.objects.delete(found)
            await orphans.unmark(keys)
            deleted += len(found)
        return deleted
