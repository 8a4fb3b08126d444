"""Filters that cut the image to a shape and make the rest transparent."""

import math
from typing import ClassVar, Literal

from PIL import Image, ImageChops, ImageDraw
from pydantic import Field

from imaging.filters.alpha import multiply_alpha
from imaging.filters.base import Filter, Size
from imaging.filters.parameters import Extent, to_pixels

_FINENESS = 4  # masks are drawn this many times larger and scaled down, which smooths their edges
_MOST_PIXELS_OF_A_MASK = 16_000_000
_Outline = list[tuple[float, float]]


class RoundCorners(Filter):
    summary: ClassVar[str] = "Rounds the corners."

    radius: Extent = Field("10%", description="Radius of the corners. Per cent refer to the shorter side.")

    def apply(self, image: Image.Image) -> Image.Image:
        shorter = min(image.size)
        radius = max(1, min(shorter // 2, round(to_pixels(self.radius or 0, shorter))))
        mask = Image.new("L", image.size, 255)
        corner = _quarter_disc(radius)
        for turn, box in enumerate(_corner_boxes(image.size, radius)):
            mask.paste(corner.rotate(-90 * turn), box)
        return multiply_alpha(image, mask)


class Mask(Filter):
    summary: ClassVar[str] = "Cuts the image to a shape in its middle."

    shape: Literal["circle", "ellipse", "diamond", "triangle", "hexagon", "star", "heart"] = Field(
        "circle", description="Shape. Only ellipse is stretched to the image; the others keep their proportions."
    )
    invert: bool = Field(default=False, description="Whether to cut a hole of this shape instead.")

    def apply(self, image: Image.Image) -> Image.Image:
        mask = self._mask(image.size)
        return multiply_alpha(image, ImageChops.invert(mask) if self.invert else mask)

    def _mask(self, size: Size) -> Image.Image:
        fineness = max(1, min(_FINENESS, math.isqrt(_MOST_PIXELS_OF_A_MASK // (size[0] * size[1]) or 1)))
        drawn = Image.new("L", (size[0] * fineness, size[1] * fineness))
        sides = drawn.size if self.shape == "ellipse" else (min(drawn.size),) * 2
        left, top = (drawn.width - sides[0]) / 2, (drawn.height - sides[1]) / 2
        outline = [(left + across * sides[0], top + down * sides[1]) for across, down in _OUTLINES[self.shape]]
        ImageDraw.Draw(drawn).polygon(outline, fill=255)
        return drawn.reduce(fineness)


def _ellipse() -> _Outline:
    return _regular(180, first=0)


def _regular(corners: int, *, first: float, radii: tuple[float, ...] = (0.5,)) -> _Outline:
    """Return points around the middle of a square of side 1; `first` is in degrees, clockwise from the right."""
    angles = [math.radians(first + 360 * index / corners) for index in range(corners)]
    return [
        (0.5 + radii[index % len(radii)] * math.cos(angle), 0.5 + radii[index % len(radii)] * math.sin(angle))
        for index, angle in enumerate(angles)
    ]


def _heart() -> _Outline:
    """Return the last heart curve of https://mathworld.wolfram.com/HeartCurve.html: 32 wide, 29 high."""
    angles = [math.radians(2 * index) for index in range(180)]
    height = [13 * math.cos(a) - 5 * math.cos(2 * a) - 2 * math.cos(3 * a) - math.cos(4 * a) for a in angles]
    return [(0.5 + math.sin(a) ** 3 / 2, 0.5 - (up + 2.5) / 32) for a, up in zip(angles, height, strict=True)]


# The inner corners of a five-pointed star are nearer to the middle by this ratio.
_STAR = 0.5 * math.cos(math.radians(72)) / math.cos(math.radians(36))
_OUTLINES: dict[str, _Outline] = {
    "circle": _ellipse(),
    "ellipse": _ellipse(),
    "diamond": _regular(4, first=0),
    "triangle": [(0.5, 0), (1, 1), (0, 1)],
    "hexagon": _regular(6, first=0),
    "star": _regular(10, first=-90, radii=(0.5, _STAR)),
    "heart": _heart(),
}


def _quarter_disc(radius: int) -> Image.Image:
    """Draw the top left quarter of a disc."""
    fineness = max(1, min(_FINENESS, math.isqrt(_MOST_PIXELS_OF_A_MASK // radius**2 or 1)))
    side = radius * fineness
    drawn = Image.new("L", (side, side))
    ImageDraw.Draw(drawn).ellipse((0, 0, 2 * side - 1, 2 * side - 1), fill=255)
    return drawn.reduce(fineness)


def _corner_boxes(size: Size, radius: int) -> tuple[tuple[int, int], ...]:
    """Return the top left points of the corners' squares, clockwise from the top left."""
    right, bottom = size[0] - radius, size[1] - radius
    return (0, 0), (right, 0), (right, bottom), (0, bottom)
