"""Backups of a data directory, made while its service runs, verified, and restored into an empty one.

A backup is a directory with the same layout: `darkroom.db`, `objects/` and `link-key`. Objects never change, so those
that the latest earlier backup has are hard links to it.
"""

import errno
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from core.errors import ConfigurationError
from storage.embedded.backup_check import DATABASE, OBJECTS, list_problems
from storage.embedded.data_dir import held
from storage.objects.file_system import PRIVATE_DIRECTORY, PRIVATE_FILE

_LINK_KEY = "link-key"
_INCOMPLETE = ".incomplete"
_MAX_PASSES = 5
_NO_LINKS = {errno.EXDEV, errno.EPERM, errno.EMLINK, errno.ENOTSUP}


@dataclass(slots=True, kw_only=True)
class Copied:
    objects: int = 0
    bytes: int = 0
    linked: int = 0  # of the objects, those that an earlier backup has


def create_backup(data_dir: Path, backups: Path) -> tuple[Path, Copied]:
    """Create a backup below `backups`. Return its path. Raises ConfigurationError if there is nothing to back up.

    Objects are copied until each row of the database has its objects: what a user deletes meanwhile is missing, and
    then the database is copied again. A backup that is interrupted keeps the suffix `.incomplete`.
    """
    if not (data_dir / _LINK_KEY).exists():
        raise ConfigurationError(f"There is no Darkroom data in {data_dir}: set DARKROOM_DATA_DIR to its directory.")
    backups.mkdir(mode=PRIVATE_DIRECTORY, parents=True, exist_ok=True)
    previous = max(_complete_backups(backups), default=None)
    final = backups / f"{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}"
    draft = final.with_name(final.name + _INCOMPLETE)
    draft.mkdir(mode=PRIVATE_DIRECTORY)
    _copy_file(data_dir / _LINK_KEY, draft / _LINK_KEY)
    copied = Copied()
    for _ in range(_MAX_PASSES):
        _copy_objects(data_dir, draft, previous=previous, copied=copied)
        _copy_database(data_dir / DATABASE, draft / DATABASE)
        _copy_objects(data_dir, draft, previous=previous, copied=copied)
        if not list_problems(draft, contents=False):
            break
    os.sync()
    draft.rename(final)
    return final, copied


def restore_backup(backup: Path, data_dir: Path) -> Copied:
    """Copy a backup into a data directory without data. Raises ConfigurationError if it has some, or is in use.

    The database comes last: a restore that was interrupted can be repeated, and no service starts on half of one.
    """
    if not (backup / DATABASE).exists():
        raise ConfigurationError(f"{backup} is not a complete backup: it has no {DATABASE}.")
    copied = Copied()
    with held(data_dir):
        database = data_dir / DATABASE
        if database.stat().st_size:
            raise ConfigurationError(
                f"The data directory {data_dir} has data. Move it away, or set DARKROOM_DATA_DIR to a new directory."
            )
        _copy_objects(backup, data_dir, previous=None, copied=copied)
        _copy_file(backup / _LINK_KEY, data_dir / _LINK_KEY)
        draft = database.with_suffix(".restored")
        _copy_file(backup / DATABASE, draft)
        os.sync()
        draft.replace(database)
    return copied


def _complete_backups(backups: Path) -> list[Path]:
    return [path for path in backups.glob("*Z") if (path / DATABASE).exists()]


def _copy_database(source: Path, target: Path) -> None:
    """Copy the database as it is at one moment. Writers go on meanwhile: it is in WAL mode."""
    target.unlink(missing_ok=True)
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE))
    with (
        closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as opened,
        closing(sqlite3.connect(target)) as copy,
    ):
        opened.backup(copy)


def _copy_objects(source: Path, target: Path, *, previous: Path | None, copied: Copied) -> None:
    """Copy what the target does not have yet. Skip what is deleted meanwhile."""
    for path in _files(source / OBJECTS):
        key = path.relative_to(source)
        try:
            status = path.stat()
            if _is_same(target / key, status):
                continue
            (target / key).parent.mkdir(mode=PRIVATE_DIRECTORY, parents=True, exist_ok=True)
            is_linked = previous is not None and _link(previous / key, target / key, status)
            if not is_linked:
                _copy_file(path, target / key)
        except FileNotFoundError:
            continue
        copied.objects += 1
        copied.linked += is_linked
        copied.bytes += status.st_size


def _files(directory: Path) -> Iterator[Path]:
    for parent, _, names in os.walk(directory):
        yield from (Path(parent, name) for name in names)


def _is_same(path: Path, status: os.stat_result) -> bool:
    """Compare size and time of modification: one object changes, the mark of the deployment."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return False
    return (found.st_size, found.st_mtime_ns) == (status.st_size, status.st_mtime_ns)


def _link(earlier: Path, target: Path, status: os.stat_result) -> bool:
    if not _is_same(earlier, status):
        return False
    target.unlink(missing_ok=True)
    try:
        target.hardlink_to(earlier)
    except OSError as error:
        if error.errno in _NO_LINKS:
            return False
        raise
    return True


def _copy_file(source: Path, target: Path) -> None:
    """Copy content and time of modification through a draft, so that no half of a file has the target's name."""
    draft = target.with_name(f"{target.name}.draft")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
    with os.fdopen(descriptor, "wb") as copy, source.open("rb") as opened:
        shutil.copyfileobj(opened, copy)
        status = os.fstat(opened.fileno())
    os.utime(draft, ns=(status.st_atime_ns, status.st_mtime_ns))
    draft.replace(target)
