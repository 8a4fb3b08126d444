"""Mixtures of red, green and blue: a row of weights for each band that comes out, three for colour and one for grey."""

from collections.abc import Iterable

from PIL import Image

from imaging.filters.alpha import beside_alpha
from imaging.memory import kernels

Row = tuple[float, float, float]
ColorRows = tuple[Row, Row, Row]
Rows = ColorRows | tuple[Row]

IDENTITY: ColorRows = ((1, 0, 0), (0, 1, 0), (0, 0, 1))
LUMA_601: Row = (0.299, 0.587, 0.114)  # ITU-R BT.601, which convert("L") uses too
LUMA_709: Row = (0.2126, 0.7152, 0.0722)  # ITU-R BT.709

_DIGITS = 9  # what is beyond them is a rounding error of the products


def mix(image: Image.Image, rows: Rows) -> Image.Image:
    """Of a colour picture; its alpha stays."""
    if rows == IDENTITY:
        return image
    if len(rows) > 1:
        return beside_alpha(image, lambda colors: kernels.mixed(colors, rows))
    # Pillow's own convert("L") is BT.601, and twice as fast as a matrix.
    matrix = None if rows == (LUMA_601,) else (*rows[0], 0.0)
    return beside_alpha(image, lambda colors: colors.convert("L", matrix))


def towards(target: ColorRows, strength: float) -> ColorRows:
    """From the picture as it is (0) to the mixture (1), or beyond, or the other way."""
    red, green, blue = (
        _row(own + (other - own) * strength for own, other in zip(*pair, strict=True))
        for pair in zip(IDENTITY, target, strict=True)
    )
    return red, green, blue


def product(first: ColorRows, then: Rows) -> Rows:
    """The mixture of a mixture."""
    red, *others = (
        _row(sum(weight * own for weight, own in zip(row, column, strict=True)) for column in zip(*first, strict=True))
        for row in then
    )
    return (red, others[0], others[1]) if others else (red,)


def stays_in_range(rows: Rows) -> bool:
    """Whether no colour can come out below 0 or above 255."""
    return all(min(row) >= 0 and sum(row) <= 1 + 10**-_DIGITS for row in rows)


def gain(rows: Rows) -> float:
    """How much larger an error may come out than it goes in."""
    return max(sum(map(abs, row)) for row in rows)


def _row(weights: Iterable[float]) -> Row:
    red, green, blue = (round(weight, _DIGITS) for weight in weights)
    return red, green, blue
