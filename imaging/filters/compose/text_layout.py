"""Text as masks: breaks lines that are too wide, and draws each with the fonts that it needs."""

import re
from collections.abc import Iterator
from math import floor

from PIL import Image, ImageDraw

from core.errors import InvalidStep
from imaging.filters.compose.fonts import load_font
from imaging.filters.compose.text_runs import Run, find_direction, split_runs

Line = list[Run]
Placed = tuple[float, float, Run]

_MOST_PIXELS = 50_000_000
_LINE_SPACING = 0.25  # of the size
_SHARES = {"left": 0.0, "center": 0.5, "right": 1.0}
_CLUSTER = re.compile(r".[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670\u200c\u200d]*", re.DOTALL)  # with its marks


def lay_out(text: str, font_name: str, size: int, width: float | None = None) -> list[Line]:
    """Split a text of `clean_text` into lines of at most `width` pixels, broken between words or, if need be, within.

    Raises InvalidStep for a character that no font has.
    """
    return [
        line
        for paragraph in text.split("\n")
        for line in _break_paragraph(_Paragraph(paragraph, font_name, size), width)
    ]


def measure(line: Line) -> float:
    """Return the width of a line in pixels."""
    return sum(run.length for run in line)


def draw_text_masks(
    lines: list[Line], font_name: str, size: int, *, align: str = "center", stroke: int = 0
) -> tuple[Image.Image, Image.Image]:
    """Return two masks of the same size: letters without and with their stroke.

    Raises InvalidStep if the text needs too many pixels.
    """
    placed = list(_place(lines, font_name, size, align=align, stroke=stroke))
    left, top, right, bottom = _bounds(placed, stroke)
    width, height = int(right - left) + 2, int(bottom - top) + 2
    if width * height > _MOST_PIXELS:
        raise InvalidStep(f"the text needs {width} x {height} pixels; choose a smaller size, or let it wrap")
    letters = _draw((width, height), placed, offset=(1 - left, 1 - top), stroke=stroke, fill=0)
    outlined = _draw((width, height), placed, offset=(1 - left, 1 - top), stroke=stroke, fill=255)
    return letters, outlined


class _Paragraph:
    """Measures parts of a paragraph, all in its direction."""

    def __init__(self, text: str, font_name: str, size: int) -> None:
        self.text = text
        self._font = (font_name, size)
        self._direction = find_direction(text)

    def runs(self, part: str) -> Line:
        return split_runs(part, *self._font, self._direction)

    def fits(self, part: str, width: float) -> bool:
        return measure(self.runs(part)) <= width


def _break_paragraph(paragraph: _Paragraph, width: float | None) -> list[Line]:
    if width is None:
        return [paragraph.runs(paragraph.text)]
    lines = [""]
    for word in paragraph.text.split(" "):
        longer = f"{lines[-1]} {word}" if lines[-1] else word
        if paragraph.fits(longer, width):
            lines[-1] = longer
        else:
            lines = [line for line in lines if line] + _split_word(paragraph, word, width)
    return [paragraph.runs(line) for line in lines]


def _split_word(paragraph: _Paragraph, word: str, width: float) -> list[str]:
    pieces = [""]
    for letter in _CLUSTER.findall(word):
        if pieces[-1] and not paragraph.fits(pieces[-1] + letter, width):
            pieces.append("")
        pieces[-1] += letter
    return pieces


def _place(lines: list[Line], font_name: str, size: int, *, align: str, stroke: int) -> Iterator[Placed]:
    """Yield each run with the left end of its baseline; as `ImageDraw.multiline_text` does for one font."""
    font = load_font(font_name, size)
    advance = font.getbbox("A", stroke_width=stroke)[3] + stroke + size * _LINE_SPACING
    lengths = [measure(line) for line in lines]
    for index, (line, length) in enumerate(zip(lines, lengths, strict=True)):
        left = (max(lengths) - length) * _SHARES[align]
        for run in line:
            yield left, index * advance + font.getmetrics()[0], run
            left += run.length


def _bounds(placed: list[Placed], stroke: int) -> tuple[int, int, int, int]:
    """Return the box around all runs, in whole pixels."""
    draw = ImageDraw.Draw(Image.new("L", (1, 1)))
    boxes = [
        draw.textbbox((x, y), run.text, run.font, "ls", direction=run.direction, stroke_width=stroke)
        for x, y, run in placed
    ] or [(0, 0, 0, 0)]
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return floor(min(lefts)), floor(min(tops)), floor(max(rights)), floor(max(bottoms))


def _draw(
    size: tuple[int, int], placed: list[Placed], *, offset: tuple[int, int], stroke: int, fill: int
) -> Image.Image:
    """Return a mask of the letters and, if `fill` is 255, their stroke."""
    mask = Image.new("L", size)
    draw = ImageDraw.Draw(mask)
    for x, y, run in placed:
        at, inked = (x + offset[0], y + offset[1]), stroke if fill else 0
        draw.text(at, run.text, 255, run.font, "ls", direction=run.direction, stroke_width=inked, stroke_fill=fill)
    return mask
