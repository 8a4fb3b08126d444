"""Parser for .cube files: Cube LUT Specification 1.0 (Adobe, 2013)."""

import math
import re
from dataclasses import dataclass
from itertools import batched, chain

from core.errors import InvalidStep

_MOST_BYTES = 16 * 2**20
_SIDES = range(2, 66)
_LONGEST_CURVE = 65_536
_SIZE = re.compile(r"^[ \t]*LUT_([13])D_SIZE[ \t]+(\d{1,6})[ \t]*$", re.MULTILINE)
_DOMAIN = re.compile(r"^[ \t]*DOMAIN_(MIN|MAX)[ \t]+(\S+)[ \t]+(\S+)[ \t]+(\S+)[ \t]*$", re.MULTILINE)
_FIRST_ROW = re.compile(r"^[ \t]*[-+.\d]", re.MULTILINE)

Color = tuple[float, float, float]
WHOLE: tuple[Color, Color] = ((0.0, 0.0, 0.0), (1.0, 1.0, 1.0))  # the default domain: black to white


@dataclass(frozen=True, slots=True)
class Cube:
    """A LUT as rows of red, green and blue: size rows in one dimension, size³ in three, where red changes fastest."""

    dimensions: int
    size: int
    rows: tuple[Color, ...]
    low: Color
    high: Color


def parse_cube(data: bytes) -> Cube:
    """Parse a .cube file. Raises InvalidStep if it is not valid."""
    if len(data) > _MOST_BYTES:
        raise InvalidStep(f"the .cube file is too large: at most {_MOST_BYTES} bytes are allowed")
    text = data.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")
    dimensions, size = _size(text)
    bounds = {name: _color(values) for name, *values in _DOMAIN.findall(text)}
    low, high = bounds.get("MIN", WHOLE[0]), bounds.get("MAX", WHOLE[1])
    if any(most <= least for least, most in zip(low, high, strict=True)):
        raise InvalidStep("the .cube file has an empty domain: DOMAIN_MAX must be above DOMAIN_MIN")
    return Cube(dimensions, size, _rows(text, size**dimensions), low, high)


def _size(text: str) -> tuple[int, int]:
    found = _SIZE.findall(text)
    if len(found) != 1:
        raise InvalidStep("the .cube file must contain LUT_1D_SIZE or LUT_3D_SIZE exactly once")
    dimensions, size = (int(number) for number in found[0])
    allowed = _SIDES if dimensions == len("rgb") else range(2, _LONGEST_CURVE + 1)
    if size not in allowed:
        raise InvalidStep(
            f"LUT_{dimensions}D_SIZE of the .cube file is {size}; it must be {allowed[0]} to {allowed[-1]}"
        )
    return dimensions, size


def _rows(text: str, count: int) -> tuple[Color, ...]:
    first = _FIRST_ROW.search(text)
    lines = (line for line in text[first.start() :].split("\n") if not line.lstrip().startswith("#")) if first else ()
    words = list(chain.from_iterable(map(str.split, lines)))
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
