"""The interface of object stores. An object never changes: its key is written once."""

from collections.abc import AsyncIterator, Iterable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

import structlog

from core.errors import DependencyUnavailable
from core.keys import with_proxies

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredObject:
    """`bytes` is the size of the object."""

    key: str
    modified_at: datetime
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedLink:
    """A link that anybody may use to read the object until `expires_at`: never log it.

    `url` is an absolute URL, or a path of the API where the API serves the objects itself.
    """

    url: str = field(repr=False)
    expires_at: datetime


class Upload(Protocol):
    """An object that is being written: it appears as a whole or not at all."""

    async def write(self, chunk: bytes | memoryview) -> None: ...

    async def complete(self) -> None:
        """Make the object appear. From then on it survives a crash of the process, and of the machine with fsync."""


class ObjectStore(Protocol):
    """Every method but `discard` raises DependencyUnavailable for a store that is away, frozen, full or forbidden.

    A full one raises StorageFull if it says so: SeaweedFS answers "InternalError".
    """

    rejected_write: str | None = None  # why the last upload was rejected; `check` reads only, where a write has a price

    def open_upload(
        self, key: str, *, media_type: str, file_name: str | None = None, is_repeated: bool = False
    ) -> AbstractAsyncContextManager[Upload]:
        """Open an upload. Without `complete()` nothing remains of it, also on cancellation.

        `is_repeated`: after a failure the caller writes the same key again. Then a possible object stays: a late
        deletion would remove that of the next attempt. The sweeper collects it if it becomes an orphan.
        """

    async def put(self, key: str, data: bytes, *, media_type: str, file_name: str) -> None:
        """Store `data` as one object. Browsers save it as `file_name` and never show it as a page."""

    async def copy(self, source: str, key: str, *, media_type: str, file_name: str) -> None:
        """Store a copy of the object `source` under `key`, without reading it here. Raises SourceMissing.

        After a failure the copy may still appear: never write the same key again.
        """

    async def create(self, key: str, data: bytes, *, media_type: str) -> bool:
        """Store `data` unless the object exists. Return whether it was stored.

        A server without conditional writes replaces the object: read it again.
        """

    async def get(self, key: str, *, max_bytes: int) -> bytes:
        """Return an object. Raises SourceMissing, and ImageTooLarge for more than `max_bytes`."""

    async def delete(self, keys: Iterable[str]) -> None:
        """Delete these objects. A missing object is not an error."""

    async def discard(self, keys: Iterable[str]) -> None:
        """Delete objects that no row names, and the proxies of sources among them.

        Those that cannot be deleted now are collected as orphans later.
        """
        found = with_proxies(keys)
        if not found:
            return
        try:
            await self.delete(found)
        except DependencyUnavailable as error:
            _log.warning("objects_left_behind", detail=error.detail)

    def list(self, prefix: str) -> AsyncIterator[StoredObject]:
        """Yield the objects whose keys begin with `prefix`, in the order of their keys."""

    async def abort_stale_uploads(self, *, older_than_seconds: float) -> int:
        """Remove incomplete uploads of killed processes. Return how many."""

    async def sign_get(self, key: str, *, media_type: str, file_name: str, inline: bool = False) -> SignedLink:
        """Return a link that is valid for GET of this key only. Sends no request.

        Browsers save the object as `file_name`, or with `inline` show it.
        """

    async def ensure_bucket(self) -> None:
        """Create the bucket or directory unless it exists."""

    async def check(self) -> None:
        """Return if objects can be stored; raise otherwise."""
