"""Parser for .cube files: Cube LUT Specification 1.0 (Adobe, 2013), and Resolve's 1D shaper before a 3D table."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import batched

from core.errors import InvalidStep

_MOST_BYTES = 16 * 2**20
_SIDES = range(2, 66)
_LONGEST_CURVE = 65_536
_COMMENT = re.compile("#.*")
_FLAGS = re.MULTILINE | re.IGNORECASE
_SIZE = re.compile(r"^[ \t]*LUT_([13])D_SIZE[ \t]+(\d{1,6})[ \t]*$", _FLAGS)
_DOMAIN = re.compile(r"^[ \t]*DOMAIN_(MIN|MAX)[ \t]+(\S+)[ \t]+(\S+)[ \t]+(\S+)[ \t]*$", _FLAGS)
_RANGE = re.compile(r"^[ \t]*LUT_([13])D_INPUT_RANGE[ \t]+(\S+)[ \t]+(\S+)[ \t]*$", _FLAGS)
_FIRST_ROW = re.compile(r"^[ \t]*[-+.\d]", re.MULTILINE)

Color = tuple[float, float, float]
WHOLE: tuple[Color, Color] = ((0.0, 0.0, 0.0), (1.0, 1.0, 1.0))  # the default domain: black to white


@dataclass(frozen=True, slots=True)
class Cube:
    """A LUT as rows of red, green and blue: size rows in one dimension, size³ in three, where red changes fastest.

    `shaper` is a LUT in one dimension whose output is the input of this one.
    """

    dimensions: int
    size: int
    rows: tuple[Color, ...]
    low: Color
    high: Color
    shaper: "Cube | None" = None


def parse_cube(data: bytes) -> Cube:
    """Parse a .cube file. Raises InvalidStep if it is not valid."""
    if len(data) > _MOST_BYTES:
        raise InvalidStep(f"the .cube file is too large: at most {_MOST_BYTES} bytes are allowed")
    lines = data.decode("utf-8-sig", "replace").replace("\r\n", "\n").replace("\r", "\n")
    text = _COMMENT.sub("", lines)
    sizes = _sizes(text)
    return _build(text, sizes, _rows(text, sum(size**dimensions for dimensions, size in sizes)))


def _sizes(text: str) -> list[tuple[int, int]]:
    """Dimensions and size of the table or, with a shaper, of both: the shaper comes first."""
    found = sorted((int(dimensions), int(size)) for dimensions, size in _SIZE.findall(text))
    if [dimensions for dimensions, _ in found] not in ([1], [3], [1, 3]):
        raise InvalidStep("the .cube file must contain LUT_1D_SIZE or LUT_3D_SIZE exactly once, or each once")
    for dimensions, size in found:
        allowed = _SIDES if dimensions == len("rgb") else range(2, _LONGEST_CURVE + 1)
        if size not in allowed:
            raise InvalidStep(
                f"LUT_{dimensions}D_SIZE of the .cube file is {size}; it must be {allowed[0]} to {allowed[-1]}"
            )
    return found


def _build(text: str, sizes: Sequence[tuple[int, int]], rows: tuple[Color, ...]) -> Cube:
    cube = None
    for dimensions, size in sizes:
        count = size**dimensions
        cube = Cube(dimensions, size, rows[:count], *_domain(text, dimensions), shaper=cube)
        rows = rows[count:]
    assert cube is not None  # noqa: S101 - there is at least one size
    return cube


def _domain(text: str, dimensions: int) -> tuple[Color, Color]:
    """The input of a table: DOMAIN_MIN and DOMAIN_MAX, or Resolve's range of the table."""
    bounds = {name.upper(): _color(values) for name, *values in _DOMAIN.findall(text)}
    for table, low, high in _RANGE.findall(text):
        if int(table) == dimensions:
            bounds |= {"MIN": _color([low] * 3), "MAX": _color([high] * 3)}
    least, most = bounds.get("MIN", WHOLE[0]), bounds.get("MAX", WHOLE[1])
    if any(above <= below for below, above in zip(least, most, strict=True)):
        raise InvalidStep("the .cube file has an empty domain: DOMAIN_MAX must be above DOMAIN_MIN")
    return least, most


def _rows(text: str, count: int) -> tuple[Color, ...]:
    first = _FIRST_ROW.search(text)
    words = text[first.start() :].split() if first else []
    if len(words) != 3 * count:
        raise InvalidStep(f"the .cube file has {len(words) / 3:g} rows of three numbers; its size requires {count}")
    return tuple(map(_color, batched(words, 3)))


def _color(words: list[str] | tuple[str, ...]) -> Color:
    try:
        red, green, blue = map(float, words)
    except ValueError as error:
        raise InvalidStep("the .cube file contains a value that is not a number") from error
    if not all(map(math.isfinite, (red, green, blue))):
        raise InvalidStep("the .cube file contains a value that is not a number")
    return red, green, blue
