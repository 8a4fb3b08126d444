"""References to presets: `@thumbnail` is the newest version, `@thumbnail.v3` is the third."""

import re
from dataclasses import dataclass

from api.tasks.spec import PRESET_START, rejection
from core.errors import Problem

NAME = r"[a-z0-9][a-z0-9_-]{0,63}"
VERSIONED_NAME = rf"{NAME}(\.v[1-9][0-9]{{0,5}})?"
_REFERENCE = re.compile(rf"@?({NAME})(?:\.v([1-9][0-9]{{0,5}}))?")
_LONGEST = 50  # characters in a message


@dataclass(frozen=True, slots=True)
class PresetReference:
    name: str
    version: int | None  # None: the newest

    def __str__(self) -> str:
        return f"{PRESET_START}{self.name}" + (f".v{self.version}" if self.version else "")


def parse_reference(text: str) -> PresetReference:
    """Parse a reference, with or without its @. Raises InvalidPipeline."""
    found = _REFERENCE.fullmatch(text)
    if found is None:
        message = f"must be the name of a preset such as @thumbnail or @thumbnail.v3; got {text[:_LONGEST]!r}"
        raise rejection([Problem("pipeline", message)])
    return PresetReference(found[1], int(found[2]) if found[2] else None)
