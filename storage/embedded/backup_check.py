"""Proves a backup: the database is whole, and each object that it names is there with its size and SHA-256."""

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from uuid import UUID

DATABASE, OBJECTS = "darkroom.db", "objects"  # in a backup, as in a data directory
_NAMED_OBJECTS = """
    SELECT 'image', image_id, key, bytes, sha256 FROM images
    UNION ALL
    SELECT 'task', task_id, output_key, output_bytes, output_sha256 FROM tasks WHERE output_key IS NOT NULL
"""


def list_problems(backup: Path, *, contents: bool = True) -> list[str]:
    """Return a line for each fault, none for a good backup. Without `contents` no SHA-256 is computed."""
    if not (backup / DATABASE).is_file():
        return [f"{backup} is not a complete backup: it has no {DATABASE}."]
    try:
        with closing(sqlite3.connect(f"file:{backup / DATABASE}?mode=ro", uri=True)) as connection:
            return [*_damages(connection), *_missing(connection, backup / OBJECTS, contents=contents)]
    except sqlite3.DatabaseError as error:
        return [f"{DATABASE} cannot be read: {error}."]


def _damages(connection: sqlite3.Connection) -> Iterator[str]:
    for (line,) in connection.execute("PRAGMA integrity_check"):
        if line != "ok":
            yield f"{DATABASE} is damaged: {line}."


def _missing(connection: sqlite3.Connection, objects: Path, *, contents: bool) -> Iterator[str]:
    for kind, row_id, key, size, sha256 in connection.execute(_NAMED_OBJECTS):
        path, name = objects / key, f"{kind} {UUID(row_id)}"
        if not path.is_file():
            yield f"The object of {name} is missing: {key}."
        elif path.stat().st_size != size or (contents and _sha256(path) != sha256):
            yield f"The object of {name} is damaged: {key}."


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
