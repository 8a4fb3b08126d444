"""What earlier runs have done: lines in the cache directory, one file for each folder of outputs.

Another one is for all outputs beside their sources, from whichever folder they were made.

It saves uploads and downloads. Without it nothing is rendered twice either: the service knows the idempotency keys.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from darkroom.directories import cache_directory


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A task of a source and a request. `file` and `sha256` are those of the saved output; empty until then."""

    key: str
    target: str
    task_id: str
    file: str = ""
    sha256: str = ""

    def is_saved(self) -> bool:
        """Return whether the output is still there, unchanged."""
        return bool(self.file) and Path(self.file).is_file() and digest(Path(self.file)) == self.sha256


class Journal:
    def __init__(self, url: str, folder: Path | None) -> None:
        """`folder` is that of the outputs; None: beside their sources."""
        name = hashlib.sha256(f"{url} {folder.absolute() if folder else ''}".encode()).hexdigest()[:32]
        self._path = cache_directory() / "journals" / f"{name}.jsonl"
        self._entries = {(entry.key, entry.target): entry for entry in self._read()}

    def find(self, key: str, target: Path) -> Entry | None:
        return self._entries.get((key, str(target.absolute())))

    def outputs(self) -> frozenset[Path]:
        """Return the files that were written, which are no sources when their folder is named."""
        return frozenset(Path(entry.file) for entry in self._entries.values() if entry.file)

    def add(self, key: str, target: Path, *, task_id: str, file: Path | None = None, sha256: str = "") -> None:
        path = str(file.absolute()) if file else ""
        entry = Entry(key=key, target=str(target.absolute()), task_id=task_id, file=path, sha256=sha256)
        self._entries[entry.key, entry.target] = entry
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._path.open("a", encoding="utf-8") as file_:
            file_.write(json.dumps(asdict(entry)) + "\n")

    def _read(self) -> list[Entry]:
        """A line that was cut off by a crash is skipped."""
        entries = []
        if self._path.exists():
            for line in self._path.read_text(encoding="utf-8").splitlines():
                try:
                    entries.append(Entry(**json.loads(line)))
                except (ValueError, TypeError):
                    continue
        return entries


def digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
