"""An object on its way into a file: a draft beside the objects, renamed to its key when it is complete."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

from storage.objects import file_system
from storage.objects.threads import in_thread

BUFFER_BYTES = 2**20  # so much is gathered for each hop into a thread


class FileUpload:
    """Small objects cost one hop into a thread, with everything in it."""

    def __init__(self, draft: Path, target: Path, *, fsync: bool, may_delete: bool) -> None:
        self._draft = draft
        self._target = target
        self._fsync = fsync
        self._may_delete = may_delete
        self._buffer = BytesIO()
        self._file: BinaryIO | None = None
        self._hop: asyncio.Future[Any] | None = None
        self._is_published = False
        self._is_completed = False

    async def write(self, chunk: bytes | memoryview) -> None:
        self._buffer.write(chunk)
        if self._buffer.tell() >= BUFFER_BYTES:
            full, self._buffer = self._buffer, BytesIO()
            await self._hop_with("write", lambda: self._append(full))

    async def complete(self) -> None:
        await self._hop_with("publish", self._publish)
        self._is_completed = True

    async def abort_unless_complete(self) -> None:
        """Leave nothing behind. A thread cannot be cancelled, so whatever runs in one ends first."""
        if self._is_completed:
            return
        if self._hop:
            await asyncio.gather(self._hop, return_exceptions=True)
        await asyncio.to_thread(self._remove)

    async def _hop_with(self, call: str, work: Callable[[], object]) -> None:
        self._hop = asyncio.ensure_future(in_thread(call, work))
        await asyncio.shield(self._hop)

    def _append(self, buffer: BytesIO) -> BinaryIO:
        if self._file is None:
            self._file = file_system.create(self._draft)
        file_system.append(self._file, buffer.getbuffer())
        return self._file

    def _publish(self) -> None:
        file = self._append(self._buffer)
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
