"""Deletes many tasks or images of a user in one request, bounded in rows. A repeated request deletes the rest."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Query
from pydantic import AwareDatetime

from core.errors import InvalidRequest, Problem
from storage import ObjectStore, Removed

_BATCH = 100  # rows in one transaction
_MAX_BATCHES = 10

CreatedBefore = Annotated[
    AwareDatetime | None, Query(description="Only those created before this time (RFC 3339, with an offset or Z).")
]


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


def require_filter(**filters: object) -> None:
    """Raise InvalidRequest unless one of these query parameters was sent: nothing is deleted by omission."""
    if not any(filters.values()):
        names = " or ".join(f"`{name}`" for name in filters)
        problems = tuple(Problem(name, f"name what to delete: send {names}") for name in filters)
        raise InvalidRequest("The request is invalid; see `problems`.", problems=problems)
