"""The data directory: held by one process, readable by one user, with the database, the objects and the link key."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from core.errors import ConfigurationError
from storage.objects.file_system import PRIVATE_DIRECTORY, PRIVATE_FILE

_LINK_KEY_BYTES = 32
_GROUP_AND_OTHERS = 0o077
OLD_OBJECT_STORE = "object-store"  # where earlier versions kept a SeaweedFS


@contextmanager
def held(data_dir: Path) -> Iterator[None]:
    """Hold the directory; a killed process releases it. Raises ConfigurationError while another process holds it."""
    lock = FileLock(data_dir / "lock", timeout=0, mode=PRIVATE_FILE)
    try:
        make_private(data_dir)
        lock.acquire()
    except Timeout as error:
        raise ConfigurationError(
            f"Another process uses the data directory {data_dir}. Stop it, or set DARKROOM_DATA_DIR to another one."
        ) from error
    except OSError as error:
        raise ConfigurationError(
            f"The data directory {data_dir} cannot be used: {error.strerror}. Check its owner and mode, or set "
            "DARKROOM_DATA_DIR to another one."
        ) from error
    try:
        yield
    finally:
        lock.release()


def check_objects_are_files(data_dir: Path) -> None:
    """Raise ConfigurationError if the objects are still in the SeaweedFS of an earlier version."""
    if (data_dir / OLD_OBJECT_STORE / "identity.json").exists():
        raise ConfigurationError(
            f"The images in {data_dir} were stored by an earlier version of Darkroom, inside SeaweedFS. "
            "Copy them into files once, with: make import-objects"
        )


def link_key(data_dir: Path) -> bytes:
    """Return the key that signs links to objects, generated at the first start. If it is lost, links are invalid."""
    path = data_dir / "link-key"
    try:
        return path.read_bytes()
    except FileNotFoundError:
        key = secrets.token_bytes(_LINK_KEY_BYTES)
        _write(path, key)
        return key


def make_private(data_dir: Path) -> None:
    """Create the directory if needed, and close it to other users. SQLite gives its other files the mode of the first.

    There may be millions of objects. A closed directory protects them all, so only an open one is walked.
    """
    data_dir.mkdir(mode=PRIVATE_DIRECTORY, parents=True, exist_ok=True)
    was_open = bool(data_dir.stat().st_mode & _GROUP_AND_OTHERS)
    data_dir.chmod(PRIVATE_DIRECTORY)
    os.close(os.open(data_dir / "darkroom.db", os.O_WRONLY | os.O_CREAT, PRIVATE_FILE))
    for name in ("lock", "darkroom.db", "darkroom.db-wal", "darkroom.db-shm", "link-key"):
        _close(data_dir / name, PRIVATE_FILE)
    if was_open:
        _close_tree(data_dir / "objects")
        _close_tree(data_dir / "objects-incomplete")


def _close_tree(root: Path) -> None:
    if root.is_symlink():
        return
    for directory, _, files in os.walk(root):
        _close(Path(directory), PRIVATE_DIRECTORY)
        for name in files:
            _close(Path(directory, name), PRIVATE_FILE)


def _close(path: Path, mode: int) -> None:
    """Set the mode, but not through symbolic links: they may lead to another user's files."""
    with suppress(FileNotFoundError):
        if not path.is_symlink():
            path.chmod(mode)


def _write(path: Path, data: bytes) -> None:
    """Write a file atomically, readable by this user only."""
    draft = path.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
