"""What every object store does, whatever it stands on. An object never changes: its key is written once."""

from collections.abc import AsyncIterator, Iterable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredObject:
    """`bytes` is the size of the object."""

    key: str
    modified_at: datetime
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedLink:
    """Whoever has the link may read the object until `expires_at`: never log it.

    `url` is a whole URL, or a path of the API where the API serves the objects itself.
    """

    url: str = field(repr=False)
    expires_at: datetime


class Upload(Protocol):
    """An object on its way into the store: it is there as a whole or not at all."""

    async def write(self, chunk: bytes | memoryview) -> None: ...

    async def complete(self) -> None:
        """After this the object outlives a crash of this process, and of the machine where the store promises it."""


class ObjectStore(Protocol):
    """Every method raises DependencyUnavailable when the store cannot do its work: away, frozen, full, forbidden."""

    def open_upload(
        self, key: str, *, media_type: str, file_name: str | None = None, is_repeated: bool = False
    ) -> AbstractAsyncContextManager[Upload]:
        """Leaving without `complete()` leaves nothing behind, also on cancellation.

        `is_repeated`: whoever fails writes the same key again. Then what may be there stays, for the sweep: a deletion
        that comes late would take the object of the next attempt.
        """

    async def put(self, key: str, data: bytes, *, media_type: str, file_name: str) -> None:
        """Store `data` at once. Browsers save it under `file_name` and never show it as a page."""

    async def create(self, key: str, data: bytes, *, media_type: str) -> bool:
        """Store `data` unless there is such an object; returns whether it was stored.

        A server without conditional writes replaces the object: read it again.
        """

    async def get(self, key: str, *, max_bytes: int) -> bytes:
        """Raises SourceMissing, and ImageTooLarge for an object of more than `max_bytes`."""

    async def delete(self, keys: Iterable[str]) -> None:
        """Delete these objects; a key without one is no error."""

    def list(self, prefix: str) -> AsyncIterator[StoredObject]:
        """Yield the objects whose keys begin with `prefix`, in the order of their keys."""

    async def abort_stale_uploads(self, *, older_than_seconds: float) -> int:
        """Remove what killed processes left of their uploads; returns how many."""

    async def sign_get(self, key: str, *, media_type: str, file_name: str) -> SignedLink:
        """Return a link bound to GET and this key, which downloads as `file_name`. Asks no server."""

    async def ensure_bucket(self) -> None:
        """Make the place that holds the objects, unless it is there."""

    async def check(self) -> None:
        """Return when objects can be stored."""
