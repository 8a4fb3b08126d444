"""Images that steps refer to by `@path`: each is uploaded once, also over several runs, so that the pipeline stays."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from darkroom.batch.journal import digest
from darkroom.batch.steps import files_in, with_ids
from darkroom.client import Client, NotFound
from darkroom.directories import cache_directory


def upload_files(client: Client, steps: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the steps with ids in place of paths."""
    return with_ids(steps, {path: _image_id(client, path) for path in files_in(steps)})


def _image_id(client: Client, path: Path) -> str:
    known, name = _read(), f"{client.login.url} {digest(path)}"
    if name in known and _exists(client, known[name]):
        return known[name]
    known[name] = client.upload(path).image_id
    _path().parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _path().write_text(json.dumps(known), encoding="utf-8")
    return known[name]


def _exists(client: Client, image_id: str) -> bool:
    try:
        client.image(image_id)
    except NotFound:
        return False
    return True


def _path() -> Path:
    return cache_directory() / "uploaded.json"


def _read() -> dict[str, str]:
    try:
        found: dict[str, str] = json.loads(_path().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found
