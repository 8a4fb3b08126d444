"""Which characters the shipped fonts have, and how errors name one."""

import unicodedata
from functools import lru_cache
from pathlib import Path

from imaging.cmap import read_characters

FONT_DIRECTORY = Path(__file__).parent / "fonts"
_INVISIBLE = ("Cc", "Cf", "Zs", "Zl", "Zp")  # categories: controls, spaces and breaks
_VARIATION_SELECTORS = (range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0))


def describe_character(character: str) -> str:
    """Return a character with its number and name."""
    code, name = f"U+{ord(character):04X}", unicodedata.name(character, "without a name")
    return f"{character} ({code}, {name})" if character.isprintable() else f"{code} ({name})"


@lru_cache(maxsize=4096)
def can_show(character: str) -> bool:
    """Return whether any of the fonts has a character, or it shows nothing of its own."""
    code = ord(character)
    if unicodedata.category(character) in _INVISIBLE or any(code in each for each in _VARIATION_SELECTORS):
        return True
    fonts = sorted(FONT_DIRECTORY.glob("*.[ot]tf"), key=lambda path: path.stat().st_size)
    return any(code in read_characters(path) for path in fonts)
