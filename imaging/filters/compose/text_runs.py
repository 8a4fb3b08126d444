"""Prepares text for drawing: lines, and in each runs of characters that one font has."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

from PIL import ImageFont

from core.errors import InvalidStep
from imaging.characters import describe_character
from imaging.filters.compose.fonts import find_font, load_font

_BREAKS = re.compile("\r\n|[\r\x85\u2028\u2029]")
_TAB = 4  # characters
# Unicode 16: Emoji_Presentation in the Basic Multilingual Plane, the blocks of emoji beyond it, and what asks for one.
_EMOJI = re.compile(
    "[\u231a\u231b\u23e9-\u23ec\u23f0\u23f3\u25fd\u25fe\u2614\u2615\u2648-\u2653\u267f\u2693\u26a1\u26aa\u26ab\u26bd\u26be"
    "\u26c4\u26c5\u26ce\u26d4\u26ea\u26f2\u26f3\u26f5\u26fa\u26fd\u2705\u270a\u270b\u2728\u274c\u274e\u2753-\u2755\u2757"
    "\u2795-\u2797\u27b0\u27bf\u2b1b\u2b1c\u2b50\u2b55\U0001f004\U0001f0cf\U0001f18e\U0001f191-\U0001f19a"
    "\U0001f1e6-\U0001f1ff\U0001f201\U0001f21a\U0001f22f\U0001f232-\U0001f236\U0001f238-\U0001f23a\U0001f250\U0001f251"
    "\U0001f300-\U0001f64f\U0001f680-\U0001f6ff\U0001f7e0-\U0001f7eb\U0001f7f0\U0001f900-\U0001faff]|.\ufe0f"
)
_RIGHT_TO_LEFT = {"R", "AL"}
_JOINS = {"\u200c", "\u200d"}  # change how their neighbours join


@dataclass(frozen=True)
class Run:
    """Characters of one font; `direction` where the font's layout has to order or join them."""

    text: str
    font_name: str
    size: int
    direction: str | None = None

    @cached_property
    def font(self) -> ImageFont.FreeTypeFont:
        """The font as Pillow knows it."""
        return load_font(self.font_name, self.size, shapes=self.direction is not None)

    @property
    def length(self) -> float:
        """Its advance in pixels."""
        return self.font.getlength(self.text, direction=self.direction)


def clean_text(text: str) -> str:
    """Return the text composed (NFC), with line feeds only, tabs as spaces, and without what asks for text style."""
    lines = _BREAKS.sub("\n", unicodedata.normalize("NFC", text)).replace("\ufe0e", "").split("\n")
    return "\n".join(line.expandtabs(_TAB) for line in lines)


def split_runs(line: str, font_name: str, size: int, direction: str | None = None) -> list[Run]:
    """Split a line of `clean_text` where the font changes. Raises InvalidStep for a character that no font has.

    A line that needs layout is one run, as its order is not that of its characters.
    """
    if emoji := _EMOJI.search(line):
        raise InvalidStep(
            f"the text contains the emoji {describe_character(emoji[0][0])}; emoji cannot be drawn, so omit it"
        )
    if not _needs_layout(line):
        named = [(find_cluster_font(each, font_name), each) for each in _visible(line)]
        return [Run("".join(text for _, text in run), name, size) for name, run in groupby(named, lambda each: each[0])]
    visible = "".join(each for each in line if each in _JOINS or unicodedata.category(each) != "Cf")
    characters = "".join(each for each in visible if each not in _JOINS)
    name = find_font(characters, font_name)
    if name is None:
        for each in characters:
            find_cluster_font(each, font_name)
        raise InvalidStep("no font has all characters of a line that needs to be ordered or joined; break the line")
    return [Run(visible, name, size, direction or find_direction(line))]


def find_cluster_font(character: str, font_name: str) -> str:
    """Return the font for a character. Raises InvalidStep, which names it, if none has it."""
    found = find_font(character, font_name)
    if found is None:
        raise InvalidStep(
            f"the text contains {describe_character(character)}, which no font of this service has; omit it"
        )
    return found


def find_direction(text: str) -> str:
    """Return the direction of a paragraph, that of its first letter: UAX 9, rules P2 and P3."""
    kinds = (unicodedata.bidirectional(each) for each in text)
    first = next((kind for kind in kinds if kind in {"L", *_RIGHT_TO_LEFT}), "L")
    return "rtl" if first in _RIGHT_TO_LEFT else "ltr"


def _needs_layout(line: str) -> bool:
    return any(
        unicodedata.bidirectional(each) in {*_RIGHT_TO_LEFT, "AN"} or unicodedata.combining(each) or each in _JOINS
        for each in line
    )


def _visible(line: str) -> Iterator[str]:
    """Yield the characters without controls of layout, such as soft hyphens, which show nothing."""
    return (each for each in line if unicodedata.category(each) != "Cf")
