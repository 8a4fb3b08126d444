"""Objects as files in the data directory, for one machine. The API serves them by links that it signs itself."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from itertools import islice
from pathlib import Path

from core.ids import uuid7
from storage.objects import file_system
from storage.objects.file_links import LinkSigner
from storage.objects.file_upload import FileUpload
from storage.objects.interface import ObjectStore, SignedLink, StoredObject
from storage.objects.threads import in_thread, reported

_LARGEST_INLINE_BYTES = 2**16  # read in less time than a hop into a thread takes
_PROBE_BYTES = 2**20
_LIST_BATCH = 1000  # objects for each call in a thread


class FileStore(ObjectStore):
    """`directory` holds `objects/` and, on the same file system, `objects-incomplete/`."""

    def __init__(self, directory: Path, *, signer: LinkSigner, fsync: bool) -> None:
        self.signer = signer
        self._root = directory / "objects"
        self._drafts = directory / "objects-incomplete"
        self._fsync = fsync

    @asynccontextmanager
    async def open_upload(
        self, key: str, *, media_type: str, file_name: str | None = None, is_repeated: bool = False
    ) -> AsyncIterator[FileUpload]:
        """Open an upload. Type and name are not stored: the signed links contain them."""
        del media_type, file_name
        target, draft = self.path(key), self._drafts / str(uuid7())
        upload = FileUpload(draft, target, fsync=self._fsync, may_delete=not is_repeated)
        try:
            yield upload
        finally:
            if not upload.is_complete:
                await asyncio.shield(asyncio.create_task(upload.abort()))

    async def put(self, key: str, data: bytes, *, media_type: str, file_name: str) -> None:
        async with self.open_upload(key, media_type=media_type, file_name=file_name) as upload:
            await upload.write(data)
            await upload.complete()

    async def copy(self, source: str, key: str, *, media_type: str, file_name: str) -> None:
        """Copy the file, whose new time protects it: an object is an orphan only when it is old."""
        del media_type, file_name
        origin, target, draft = self.path(source), self.path(key), self._drafts / str(uuid7())
        await in_thread("copy", lambda: file_system.copy(origin, draft, target, fsync=self._fsync))

    async def create(self, key: str, data: bytes, *, media_type: str) -> bool:
        """Check, then write: one process holds the data directory, so no other one writes in between."""
        if await in_thread("look", self.path(key).exists):
            return False
        async with self.open_upload(key, media_type=media_type) as upload:
            await upload.write(data)
            await upload.complete()
        return True

    async def get(self, key: str, *, max_bytes: int) -> bytes:
        path = self.path(key)
        with reported("read"):
            data = file_system.read_cached(path, max_bytes=min(max_bytes, _LARGEST_INLINE_BYTES))
            return data or await asyncio.to_thread(file_system.read, path, max_bytes=max_bytes)

    async def delete(self, keys: Iterable[str]) -> None:
        paths = [self.path(key) for key in keys]
        await in_thread("delete", lambda: file_system.remove(self._root, *paths))

    async def list(self, prefix: str) -> AsyncIterator[StoredObject]:
        found = file_system.walk(self._root, prefix)
        while page := await in_thread("list", lambda: list(islice(found, _LIST_BATCH))):
            for stored in page:
                yield stored

    async def abort_stale_uploads(self, *, older_than_seconds: float) -> int:
        return await in_thread(
            "abort_uploads", lambda: file_system.remove_older(self._drafts, older_than_seconds=older_than_seconds)
        )

    async def sign_get(self, key: str, *, media_type: str, file_name: str, inline: bool = False) -> SignedLink:
        return self.signer.sign(key, media_type=media_type, file_name=file_name, inline=inline)

    async def ensure_bucket(self) -> None:
        await in_thread("make_directories", lambda: file_system.make_directories(self._root, self._drafts))

    async def check(self) -> None:
        await in_thread("check", self._check)

    def path(self, key: str) -> Path:
        """Return the path of an object. Raises ValueError for a key that would lead out of the directory."""
        parts = key.split("/")
        if "\0" in key or any(part in {"", ".", ".."} for part in parts):
            raise ValueError(f"Invalid object key: {key!r}.")
        return self._root.joinpath(*parts)

    def _check(self) -> None:
        """Write 1 MiB as an upload does: only that detects a disk without room, a quota or a read-only one."""
        probe = self._drafts / str(uuid7())
        try:
            with file_system.create(probe) as file:
                file_system.append(file, memoryview(bytes(_PROBE_BYTES)))
        finally:
            probe.unlink(missing_ok=True)
