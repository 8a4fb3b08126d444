"""Blocking calls of the file store, to be made in a thread; only `read_cached` does not block. Errors are OSErrors."""

import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from core.errors import ImageTooLarge, SourceMissing
from storage.objects.interface import StoredObject

PRIVATE_FILE = 0o600
PRIVATE_DIRECTORY = 0o700
_NO_WAIT = getattr(os, "RWF_NOWAIT", 0)  # only Linux has it
_COPIED_BYTES = 2**20  # at a time
_MAX_ATTEMPTS = 10  # another thread may remove the empty directory just before a file is renamed into it


def make_directories(*directories: Path) -> None:
    for directory in directories:
        directory.mkdir(mode=PRIVATE_DIRECTORY, parents=True, exist_ok=True)


def create(path: Path) -> BinaryIO:
    """Open a new file that only this user can read."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE), "wb", buffering=0)


def append(file: BinaryIO, data: memoryview) -> None:
    """Write all of `data`: on a disk that fills up, the first call writes a part and only the next one raises."""
    while data:
        data = data[file.write(data) :]


def copy(source: Path, draft: Path, target: Path, *, fsync: bool) -> None:
    """Copy a file, and publish the copy. After an error nothing is left of it. Raises SourceMissing."""
    with _open(source) as origin, create(draft) as file:
        try:
            while chunk := origin.read(_COPIED_BYTES):
                append(file, memoryview(chunk))
            publish(file, draft, target, fsync=fsync)
        except OSError:
            draft.unlink(missing_ok=True)
            raise


def _open(source: Path) -> BinaryIO:
    """Open a file for reading. Raises SourceMissing."""
    try:
        return source.open("rb", buffering=0)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise SourceMissing("The source was deleted.") from error


def publish(file: BinaryIO, draft: Path, target: Path, *, fsync: bool) -> None:
    """Close the draft and rename it to its target, atomically. With `fsync` it survives a power failure.

    Python waits for its interpreter after each system call, so there are as few as possible.
    """
    if fsync:
        os.fsync(file.fileno())
    file.close()
    directory = target.parent
    is_new = _rename(draft, target, directory)
    if fsync:
        _flush_directory(directory)
        if is_new:
            _flush_directory(directory.parent)


def _rename(draft: Path, target: Path, directory: Path) -> bool:
    """Make the directory if it is missing. Return whether it was."""
    for left in reversed(range(_MAX_ATTEMPTS)):
        try:
            draft.replace(target)
            return left < _MAX_ATTEMPTS - 1
        except FileNotFoundError:
            if not left:
                raise
        _make_directory(directory)
    return False


def _make_directory(directory: Path) -> None:
    try:
        directory.mkdir(PRIVATE_DIRECTORY)
    except FileExistsError:
        pass  # another thread was faster
    except FileNotFoundError:
        make_directories(directory.parent, directory)


def _flush_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read_cached(path: Path, *, max_bytes: int) -> bytes:
    """Return the content of a file if that takes no wait for the disk; empty if it may, or for a larger file."""
    if not _NO_WAIT:
        return b""
    with suppress(OSError):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            size = os.fstat(descriptor).st_size
            buffer = bytearray(size if size <= max_bytes else 0)
            if os.preadv(descriptor, [buffer], 0, _NO_WAIT) == size:
                return bytes(buffer)
        finally:
            os.close(descriptor)
    return b""


def read(path: Path, *, max_bytes: int) -> bytes:
    """Return the content of a file. Raises SourceMissing, and ImageTooLarge before anything is read."""
    with _open(path) as file:
        if os.fstat(file.fileno()).st_size > max_bytes:
            raise ImageTooLarge(f"The source is larger than the limit of {max_bytes} bytes.")
        return file.read()


def remove(root: Path, *paths: Path) -> None:
    for path in paths:
        _remove(root, path)


def _remove(root: Path, path: Path) -> None:
    """Delete the file, and its directory once that is empty."""
    with suppress(FileNotFoundError, NotADirectoryError):
        path.unlink()
    if root not in {path.parent, path.parent.parent}:
        with suppress(OSError):  # not empty, or gone
            path.parent.rmdir()


def walk(root: Path, prefix: str) -> Iterator[StoredObject]:
    """Yield the files below `root` whose keys begin with `prefix`, in the order of their keys."""
    start = root / prefix.rpartition("/")[0]
    for path, key in _files(start, prefix.rpartition("/")[0]):
        if key.startswith(prefix):
            with suppress(FileNotFoundError):
                status = path.stat()
                modified_at = datetime.fromtimestamp(status.st_mtime, UTC)
                yield StoredObject(key=key, modified_at=modified_at, bytes=status.st_size)


def _files(directory: Path, key: str) -> Iterator[tuple[Path, str]]:
    """Yield path and key, depth first. Keys are sorted as strings, so a directory sorts as its name and a slash."""
    try:
        found = sorted(os.scandir(directory), key=lambda entry: entry.name + "/" * entry.is_dir())
    except (FileNotFoundError, NotADirectoryError):
        return
    for entry in found:
        name = f"{key}/{entry.name}" if key else entry.name
        if entry.is_dir(follow_symlinks=False):
            yield from _files(Path(entry.path), name)
        else:
            yield Path(entry.path), name


def remove_older(directory: Path, *, older_than_seconds: float) -> int:
    """Delete the files of this directory that were last written `older_than_seconds` ago. Return how many."""
    limit, removed = datetime.now(UTC).timestamp() - older_than_seconds, 0
    for entry in list(os.scandir(directory)):
        with suppress(FileNotFoundError):
            if entry.stat().st_mtime <= limit:
                Path(entry.path).unlink()
                removed += 1
    return removed
