"""Looks: named pipelines that anybody can read and edit, in looks.toml beside this file."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any


@dataclass(frozen=True, slots=True)
class Look:
    """`pipeline` has steps as a user would write them."""

    name: str
    summary: str
    pipeline: tuple[dict[str, Any], ...]


def _read(path: Path) -> Mapping[str, Look]:
    entries = tomllib.loads(path.read_text(encoding="utf-8"))
    looks = (Look(name, entry["summary"], tuple(entry["pipeline"])) for name, entry in entries.items())
    return MappingProxyType({look.name: look for look in looks})


LOOKS = _read(Path(__file__).with_suffix(".toml"))


def describe_looks() -> list[dict[str, Any]]:
    """Name, one-line summary and pipeline of each look."""
    return [{"name": look.name, "summary": look.summary, "pipeline": list(look.pipeline)} for look in LOOKS.values()]
