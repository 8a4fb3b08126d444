"""The interface of named sources, which are read only."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundImage:
    """What a source says about an image before it is read. `version` changes with its bytes."""

    version: str
    modified_at: datetime


class Origin(Protocol):
    """Paths have no empty segment, `.` or `..`.

    Both methods raise NotFound, SourceRejected for what is not accepted from this source, and DependencyUnavailable.
    """

    async def look(self, path: str) -> FoundImage:
        """Return the version of an image without its bytes."""

    async def read(self, path: str, *, version: str, max_bytes: int) -> bytes:
        """Return the image. Raises Overloaded if it has another version by now, and ImageTooLarge."""
