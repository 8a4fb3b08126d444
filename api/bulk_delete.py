"""Deletes many tasks or images of a user in one request, bounded in rows. A repeated request deletes the rest."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Query
from pydantic import AwareDatetime

from storage import ObjectStore, Removed

_BATCH = 100  # rows in one transaction
_MAX_BATCHES = 10

_OLDER = "Only those created before this time (RFC 3339, with an offset or Z)."
CreatedBefore = Annotated[AwareDatetime, Query(description=_OLDER)]


async def delete_in_batches(delete_some: Callable[[int], Awaitable[Removed]], objects: ObjectStore) -> Removed:
    """Call `delete_some` with a limit until nothing matches, or 1,000 rows are deleted. Objects go after their rows."""
    count = 0
    for _ in range(_MAX_BATCHES):
        removed = await delete_some(_BATCH)
        await objects.discard(removed.keys)
        count += removed.count
        if not removed.has_more:
            return Removed(count=count)
    return Removed(count=count, has_more=True)
