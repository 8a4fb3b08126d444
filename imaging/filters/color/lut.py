"""Colour grading by somebody's table: a .cube file, or a Hald picture that was graded as photographs should be."""

from array import array
from functools import partial
from typing import ClassVar

from PIL import Image, ImageFilter
from pydantic import Field

from core.errors import InvalidStep
from imaging.codecs.decoder import decode
from imaging.codecs.formats import CUBE, SNIFF_BYTES, sniff
from imaging.filters.alpha import keeping_alpha, to_color
from imaging.filters.auxiliary import AuxiliaryImageFilter, ImageFunction
from imaging.filters.color.cube_file import WHOLE, Cube, parse_cube
from imaging.filters.color_transform import apply_channel_luts
from imaging.filters.luts import tabulate
from imaging.filters.parameters import Strength
from imaging.limits import Limits

_LEVELS = range(2, 9)  # a Hald picture of level n is n³ a side and holds a table of n² a side


class Lut(AuxiliaryImageFilter):
    summary: ClassVar[str] = "Grades the colours by a table of yours: a .cube file or a Hald picture."
    pixelwise: ClassVar[bool] = True
    accepted_formats: ClassVar[frozenset[str]] = frozenset({CUBE, "png", "tiff", "bmp"})

    strength: Strength = Field(100, description="0 changes nothing, 100 is the table alone.")

    def bind(self, data: bytes, *, limits: Limits) -> ImageFunction:
        table = parse_cube(data) if sniff(data[:SNIFF_BYTES]) == CUBE else _hald(data, limits)
        if table.dimensions == 1:
            return partial(_apply_curves, curves=self._curves(table))
        return partial(_apply_table, table=self._table(table), domain=_domain(table))

    def _curves(self, table: Cube) -> tuple[tuple[int, ...], ...]:
        return tuple(tuple(self._level(table, value, band) for value in range(256)) for band in range(3))

    def _level(self, table: Cube, value: int, band: int) -> int:
        """Along straight lines between the rows, in the domain; outside of it, the first or last row."""
        share = (value / 255 - table.low[band]) / (table.high[band] - table.low[band])
        place = max(0.0, min(1.0, share)) * (table.size - 1)
        left = min(int(place), table.size - 2)
        rows = table.rows[left][band], table.rows[left + 1][band]
        graded = rows[0] + (rows[1] - rows[0]) * (place - left)
        return max(0, min(255, int(self._mixed(value / 255, graded) * 255 + 0.5)))

    def _table(self, table: Cube) -> ImageFilter.Color3DLUT:
        """Mixed with the identity beforehand, which is what mixing pictures afterwards would give."""
        size, values = table.size, array("f")
        for index, row in enumerate(table.rows):
            steps = (index % size, index // size % size, index // size**2)
            for step, graded, low, high in zip(steps, row, table.low, table.high, strict=True):
                values.append(self._mixed(low + step / (size - 1) * (high - low), graded))
        return ImageFilter.Color3DLUT(size, values)

    def _mixed(self, own: float, graded: float) -> float:
        return own + (graded - own) * self.strength / 100


def _domain(table: Cube) -> tuple[tuple[int, ...], ...] | None:
    """What brings each channel to the table's own 0 to 255; None when it is there."""
    if (table.low, table.high) == WHOLE:
        return None
    return tuple(
        tabulate(partial(_placed, low=low, high=high)) for low, high in zip(table.low, table.high, strict=True)
    )


def _placed(value: int, *, low: float, high: float) -> float:
    return (value - 255 * low) / (high - low)


def _apply_curves(image: Image.Image, *, curves: tuple[tuple[int, ...], ...]) -> Image.Image:
    return apply_channel_luts(image, *curves)


def _apply_table(
    image: Image.Image, *, table: ImageFilter.Color3DLUT, domain: tuple[tuple[int, ...], ...] | None
) -> Image.Image:
    picture = apply_channel_luts(image, *domain) if domain else to_color(image)
    return keeping_alpha(picture, lambda colors: colors.filter(table))


def _hald(data: bytes, limits: Limits) -> Cube:
    """Its pixels are the rows of a table: see https://www.quelsolaar.com/technology/clut.html."""
    picture = decode(data, limits=limits, auto_orient=False)
    level = next((level for level in _LEVELS if picture.size == (level**3, level**3)), None)
    if level is None:
        raise InvalidStep(
            f"a Hald picture is {_LEVELS[0] ** 3} to {_LEVELS[-1] ** 3} pixels a side, the cube of a number"
        )
    values = (value / 255 for value in to_color(picture).convert("RGB").tobytes())
    rows = tuple(zip(*[values] * 3, strict=True))
    return Cube(3, level**2, rows, *WHOLE)
