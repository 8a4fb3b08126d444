"""Colour grading with a LUT of the user's: a .cube file or a Hald image."""

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
from imaging.filters.luts import LookupTable, tabulate
from imaging.filters.parameters import Strength
from imaging.limits import Limits

_FULL = 100  # strength
_LEVELS = range(2, 9)  # a Hald image of level n has n³ pixels a side and holds a LUT of n² a side


class Lut(AuxiliaryImageFilter):
    summary: ClassVar[str] = "Grades the colours with a LUT that you uploaded: a .cube file or a Hald image."
    pixelwise: ClassVar[bool] = True
    accepted_formats: ClassVar[frozenset[str]] = frozenset({CUBE, "png", "tiff", "bmp"})

    strength: Strength = Field(100, description="0 changes nothing, 100 applies the LUT in full.")

    def bind(self, data: bytes, *, limits: Limits) -> ImageFunction:
        cube = parse_cube(data) if sniff(data[:SNIFF_BYTES]) == CUBE else _parse_hald(data, limits)
        if cube.dimensions == 1:
            return partial(_apply_1d, luts=self._tabulate(cube))
        if cube.shaper is None or self.strength == _FULL:
            return partial(_apply_3d, lut=self._make_3d_lut(cube), domain=_domain_luts(cube))
        full = Lut(image_id=self.image_id).bind(data, limits=limits)
        return partial(_blend, change=full, share=self.strength / 100)

    def _tabulate(self, cube: Cube) -> tuple[LookupTable, ...]:
        return tuple(tuple(self._level(cube, value, band) for value in range(256)) for band in range(3))

    def _level(self, cube: Cube, value: int, band: int) -> int:
        graded = _interpolate(cube, value / 255, band)
        return max(0, min(255, int(self._blend(value / 255, graded) * 255 + 0.5)))

    def _make_3d_lut(self, cube: Cube) -> ImageFilter.Color3DLUT:
        """Blend the LUT with the identity, which equals blending the images afterwards."""
        size, values = cube.size, array("f")
        for index, row in enumerate(cube.rows):
            steps = (index % size, index // size % size, index // size**2)
            for step, graded, low, high in zip(steps, row, cube.low, cube.high, strict=True):
                values.append(self._blend(low + step / (size - 1) * (high - low), graded))
        return ImageFilter.Color3DLUT(size, values)

    def _blend(self, original: float, graded: float) -> float:
        return original + (graded - original) * self.strength / 100


def _interpolate(cube: Cube, value: float, band: int) -> float:
    """Interpolate linearly between rows. Outside of the domain, the first or last row holds."""
    share = (value - cube.low[band]) / (cube.high[band] - cube.low[band])
    place = max(0.0, min(1.0, share)) * (cube.size - 1)
    left = min(int(place), cube.size - 2)
    before, after = cube.rows[left][band], cube.rows[left + 1][band]
    return before + (after - before) * (place - left)


def _domain_luts(cube: Cube) -> tuple[LookupTable, ...] | None:
    """Return LUTs that apply the shaper and scale the domain to 0..255, or None if neither changes a value."""
    if (cube.low, cube.high, cube.shaper) == (*WHOLE, None):
        return None
    return tuple(tabulate(partial(_scale_to_domain, cube=cube, band=band)) for band in range(3))


def _scale_to_domain(level: int, *, cube: Cube, band: int) -> float:
    value = _interpolate(cube.shaper, level / 255, band) if cube.shaper else level / 255
    return 255 * (value - cube.low[band]) / (cube.high[band] - cube.low[band])


def _apply_1d(image: Image.Image, *, luts: tuple[LookupTable, ...]) -> Image.Image:
    return apply_channel_luts(image, *luts)


def _blend(image: Image.Image, *, change: ImageFunction, share: float) -> Image.Image:
    changed = change(image)
    return Image.blend(image.convert(changed.mode), changed, share)


def _apply_3d(
    image: Image.Image, *, lut: ImageFilter.Color3DLUT, domain: tuple[LookupTable, ...] | None
) -> Image.Image:
    scaled = apply_channel_luts(image, *domain) if domain else to_color(image)
    return keeping_alpha(scaled, lambda colors: colors.filter(lut))


def _parse_hald(data: bytes, limits: Limits) -> Cube:
    """Read the pixels of a Hald image as rows of a LUT: https://www.quelsolaar.com/technology/clut.html."""
    image = decode(data, limits=limits, auto_orient=False)
    level = next((level for level in _LEVELS if image.size == (level**3, level**3)), None)
    if level is None:
        sides = ", ".join(str(level**3) for level in _LEVELS)
        raise InvalidStep(
            f"the LUT is {image.width} x {image.height} pixels; a Hald image is a square with a side of one of {sides}"
        )
    values = (value / 255 for value in to_color(image).convert("RGB").tobytes())
    rows = tuple(zip(*[values] * 3, strict=True))
    return Cube(3, level**2, rows, *WHOLE)
