"""The data directory: held by one process, readable by one user, with the database, the objects and the link key."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from core.errors import ConfigurationError
from storage.objects.file_system import PRIVATE_DIRECTORY, PRIVATE_FILE

_LINK_KEY_BYTES = 32
BEFORE_FILES = "object-store"  # where the versions before kept a SeaweedFS


@contextmanager
def held(data_dir: Path) -> Iterator[None]:
    """Raises ConfigurationError while another process holds the directory. A kill lets it go."""
    lock = FileLock(data_dir / "lock", timeout=0, mode=PRIVATE_FILE)
    try:
        data_dir.mkdir(mode=PRIVATE_DIRECTORY, parents=True, exist_ok=True)
        _make_private(data_dir)
        lock.acquire()
    except Timeout as error:
        raise ConfigurationError(
            f"Another process uses the data directory {data_dir}: stop it, or set DARKROOM_DATA_DIR."
        ) from error
    except OSError as error:
        raise ConfigurationError(f"The data directory {data_dir} cannot be used: {error.strerror}.") from error
    try:
        yield
    finally:
        lock.release()


def check_objects_are_files(data_dir: Path) -> None:
    """Raises ConfigurationError for a directory whose objects are still in the SeaweedFS of an earlier version."""
    if (data_dir / BEFORE_FILES / "identity.json").exists():
        raise ConfigurationError(
            f"The images in {data_dir} were stored by an earlier version of Darkroom, inside SeaweedFS. "
            "Copy them into files once, with: make import-objects"
        )


def link_key(data_dir: Path) -> bytes:
    """Return the key that signs links to objects, made at the first start. Without it every link ends."""
    path = data_dir / "link-key"
    try:
        return path.read_bytes()
    except FileNotFoundError:
        key = secrets.token_bytes(_LINK_KEY_BYTES)
        _write(path, key)
        return key


def _make_private(data_dir: Path) -> None:
    """SQLite gives its other files the mode of the first; a directory of an earlier version may be open to others."""
    data_dir.chmod(PRIVATE_DIRECTORY)
    os.close(os.open(data_dir / "darkroom.db", os.O_WRONLY | os.O_CREAT, PRIVATE_FILE))
    for name in ("lock", "darkroom.db", "darkroom.db-wal", "darkroom.db-shm"):
        if (data_dir / name).exists():
            (data_dir / name).chmod(PRIVATE_FILE)


def _write(path: Path, data: bytes) -> None:
    """As a whole or not at all, and for this user only."""
    draft = path.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
