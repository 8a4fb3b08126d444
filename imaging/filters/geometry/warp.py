"""Filters that move the picture's corners, each pair or each one by itself."""

import math
from typing import Annotated, ClassVar, Self

from PIL import Image
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from imaging.colors import Color, premultiplied_pixel_of, promote_mode
from imaging.filters.base import Filter, Size

Slant = Annotated[float, Field(ge=-80, le=80, json_schema_extra={"unit": "°"})]
_Percent = Annotated[float, Field(ge=-100, le=200)]
Corner = Annotated[tuple[_Percent, _Percent], Field(strict=False, json_schema_extra={"unit": "[% across, % down]"})]
_Point = tuple[float, float]
_LEAST_TURN = 1e-3


class Shear(Filter):
    summary: ClassVar[str] = "Slants the picture; it grows to hold its corners."

    x: Slant = Field(0, description="How far upright lines lean; above 0 their tops lean left.")
    y: Slant = Field(0, description="How far level lines lean; above 0 their right ends sink.")
    background: Color = Field("transparent", description="What shows beside the slanted picture.")

    @model_validator(mode="after")
    def _check_area(self) -> Self:
        if abs(1 - self._shifts()[0] * self._shifts()[1]) < _LEAST_TURN:
            raise PydanticCustomError("flat", "would press the picture flat; choose another x or y")
        return self

    def size_after(self, size: Size) -> Size:
        across, down = self._shifts()
        width, height = size[0] + abs(across) * size[1], abs(down) * size[0] + size[1]
        return math.ceil(width - 1e-6), math.ceil(height - 1e-6)  # 1e-6: a rounding error is no pixel

    def apply(self, image: Image.Image) -> Image.Image:
        if self.x == self.y == 0:
            return image
        picture = promote_mode(image, self.background)
        return picture.transform(
            self.size_after(image.size),
            Image.Transform.AFFINE,
            self._affine(image.size),
            Image.Resampling.BICUBIC,
            fillcolor=premultiplied_pixel_of(self.background, picture.mode),
        )

    def _shifts(self) -> tuple[float, float]:
        return math.tan(math.radians(self.x)), math.tan(math.radians(self.y))

    def _affine(self, size: Size) -> tuple[float, ...]:
        """Where in the picture a point of the slanted one comes from; both keep their middle."""
        (across, down), slanted = self._shifts(), self.size_after(size)
        area = 1 - across * down
        a, b, d, e = 1 / area, -across / area, -down / area, 1 / area
        x, y = slanted[0] / 2, slanted[1] / 2
        return a, b, size[0] / 2 - a * x - b * y, d, e, size[1] / 2 - d * x - e * y


class Perspective(Filter):
    summary: ClassVar[str] = "Moves the four corners, so that the picture is seen from aside."

    top_left: Corner = Field((0, 0), description="Where the top left corner comes to lie.")
    top_right: Corner = Field((100, 0), description="Where the top right corner comes to lie.")
    bottom_right: Corner = Field((100, 100), description="Where the bottom right corner comes to lie.")
    bottom_left: Corner = Field((0, 100), description="Where the bottom left corner comes to lie.")
    background: Color = Field("transparent", description="What shows beside the picture.")

    @model_validator(mode="after")
    def _check_corners(self) -> Self:
        """Turning the same way at each corner, the outline neither crosses itself nor has a dent."""
        corners = self._corners()
        turns = [_turn(corners[index - 2], corners[index - 1], corners[index]) for index in range(4)]
        if min(turns) <= _LEAST_TURN:
            raise PydanticCustomError("dent", "needs corners that go round clockwise without a dent")
        return self

    def apply(self, image: Image.Image) -> Image.Image:
        if self._corners() == ((0, 0), (1, 0), (1, 1), (0, 1)):
            return image
        picture = promote_mode(image, self.background)
        return picture.transform(
            image.size,
            Image.Transform.PERSPECTIVE,
            self._coefficients(image.size),
            Image.Resampling.BICUBIC,
            fillcolor=premultiplied_pixel_of(self.background, picture.mode),
        )

    def _corners(self) -> tuple[_Point, ...]:
        corners = (self.top_left, self.top_right, self.bottom_right, self.bottom_left)
        return tuple((across / 100, down / 100) for across, down in corners)

    def _coefficients(self, size: Size) -> tuple[float, ...]:
        """Back from the moved corners to the square: the adjugate of the way there, scaled to pixels."""
        a, b, c, d, e, f, g, h = _from_square(self._corners())
        width, height = size
        rows = (
            (e - f * h, c * h - b, b * f - c * e, width),
            (f * g - d, a - c * g, c * d - a * f, height),
            (d * h - e * g, b * g - a * h, a * e - b * d, 1),
        )
        flat = [
            scale * value / side for *row, scale in rows for value, side in zip(row, (width, height, 1), strict=True)
        ]
        return tuple(value / flat[8] for value in flat[:8])


def _turn(before: _Point, corner: _Point, after: _Point) -> float:
    """Above 0 where the way goes to the right, with y downwards."""
    return (corner[0] - before[0]) * (after[1] - corner[1]) - (corner[1] - before[1]) * (after[0] - corner[0])


def _from_square(corners: tuple[_Point, ...]) -> tuple[float, ...]:
    """Heckbert, "Fundamentals of Texture Mapping and Image Warping", 1989, section 2.2.3."""
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = corners
    dx1, dx2, dx3 = x1 - x2, x3 - x2, x0 - x1 + x2 - x3
    dy1, dy2, dy3 = y1 - y2, y3 - y2, y0 - y1 + y2 - y3
    area = dx1 * dy2 - dx2 * dy1
    g, h = (dx3 * dy2 - dx2 * dy3) / area, (dx1 * dy3 - dx3 * dy1) / area
    return x1 - x0 + g * x1, x3 - x0 + h * x3, x0, y1 - y0 + g * y1, y3 - y0 + h * y3, y0, g, h
