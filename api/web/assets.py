"""The files of the page, read once and kept in memory, plain and compressed."""

import gzip
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath

FOLDER = Path(__file__).parent
ENTRY = "app.js"
TOKENS = "styles/tokens.css"
_MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".webp": "image/webp",
}
_COMPRESSED = frozenset({".css", ".js", ".json", ".svg"})
_IMPORT = re.compile(r"^(?:import|export|\} from)\b[^;]*?['\"](\.[^'\"]+)['\"];", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Asset:
    media_type: str
    content: bytes
    gzipped: bytes | None


@dataclass(frozen=True, slots=True)
class Assets:
    """`digest` changes with every file, so that browsers may keep each address forever."""

    digest: str
    by_path: dict[str, Asset]

    def modules(self) -> list[str]:
        """Return the paths of the modules that the entry imports, itself first: what a browser needs at once."""
        found: dict[str, None] = {}
        self._follow(ENTRY, found)
        return list(found)

    def styles(self) -> list[str]:
        """Return the paths of the style sheets, the one that orders their layers first."""
        found = [path for path in self.by_path if path.endswith(".css")]
        return sorted(found, key=lambda path: (path != TOKENS, path))

    def _follow(self, path: str, found: dict[str, None]) -> None:
        if path in found:
            return
        found[path] = None
        for target in _IMPORT.findall(self.by_path[path].content.decode()):
            self._follow(_resolve(path, target), found)


@cache
def load_assets() -> Assets:
    by_path = dict(sorted(_read(FOLDER)))
    digest = hashlib.sha256()
    for path, asset in by_path.items():
        digest.update(f"{path}\0{len(asset.content)}\0".encode() + asset.content)
    return Assets(digest=digest.hexdigest()[:16], by_path=by_path)


def _read(folder: Path) -> Iterator[tuple[str, Asset]]:
    for path in folder.rglob("*"):
        if media_type := _MEDIA_TYPES.get(path.suffix):
            content = path.read_bytes()
            gzipped = gzip.compress(content, mtime=0) if path.suffix in _COMPRESSED else None
            yield path.relative_to(folder).as_posix(), Asset(media_type, content, gzipped)


def _resolve(path: str, target: str) -> str:
    parts: list[str] = []
    for part in (PurePosixPath(path).parent / target).parts:
        if part == "..":
            parts.pop()
        else:
            parts.append(part)
    return "/".join(parts)
