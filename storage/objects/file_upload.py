"""Uploads an object into a file: a draft that is renamed to its key when it is complete."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

from storage.objects import file_system
from storage.objects.threads import in_thread

_BUFFER_BYTES = 4 * 2**20  # buffered for each call in a thread, about as much as for a part of an upload to S3
_LARGE_BYTES = 2**18  # no piece of a request is so large: it is an object in memory, and needs no buffer


class FileUpload:
    """An upload. Objects that are smaller than 4 MiB or written whole cost one call in a thread."""

    def __init__(self, draft: Path, target: Path, *, fsync: bool, may_delete: bool) -> None:
        self._draft = draft
        self._target = target
        self._fsync = fsync
        self._may_delete = may_delete
        self._buffer = BytesIO()
        self._whole: bytes | memoryview = b""  # a large chunk that needs no buffer
        self._file: BinaryIO | None = None
        self._running: asyncio.Future[Any] | None = None
        self._is_published = False
        self.is_complete = False

    async def write(self, chunk: bytes | memoryview) -> None:
        if self._whole:
            await self._flush()
        if len(chunk) >= _LARGE_BYTES and not self._buffer.tell():
            self._whole = chunk
            return
        self._buffer.write(chunk)
        if self._buffer.tell() >= _BUFFER_BYTES:
            await self._flush()

    async def complete(self) -> None:
        await self._run("publish", self._publish)
        self.is_complete = True

    async def abort(self) -> None:
        """Remove everything. A thread cannot be cancelled, so wait for the running call first."""
        if self._running:
            await asyncio.gather(self._running, return_exceptions=True)
        await asyncio.to_thread(self._remove)

    async def _flush(self) -> None:
        data = self._take()
        await self._run("write", lambda: self._append(data))

    def _take(self) -> bytes | memoryview:
        """Return what is not yet written, without a copy."""
        # Not getbuffer(): CPython 3.12.1 crashes when it collects one that the traceback of a failed write refers to.
        data = self._whole or self._buffer.getvalue()
        self._whole, self._buffer = b"", BytesIO()
        return data

    async def _run(self, call: str, work: Callable[[], object]) -> None:
        self._running = asyncio.ensure_future(in_thread(call, work))
        await asyncio.shield(self._running)

    def _append(self, data: bytes | memoryview) -> BinaryIO:
        if self._file is None:
            self._file = file_system.create(self._draft)
        file_system.append(self._file, memoryview(data))
        return self._file

    def _publish(self) -> None:
        file = self._append(self._take())
        file_system.publish(file, self._draft, self._target, fsync=self._fsync)
        self._is_published = True

    def _remove(self) -> None:
        if self._file:
            self._file.close()
        with suppress(OSError):
            self._draft.unlink()
        if self._is_published and self._may_delete:
            with suppress(OSError):
                self._target.unlink()
