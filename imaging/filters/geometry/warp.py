"""Filters that move the corners of the image, in pairs or one by one."""

import math
from typing import Annotated, ClassVar, Self

from PIL import Image
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from imaging.colors import Color, promote_mode
from imaging.filters.base import Filter, Size
from imaging.filters.geometry.transform import transform

ShearAngle = Annotated[float, Field(ge=-80, le=80, json_schema_extra={"unit": "°"})]
_Percent = Annotated[float, Field(ge=-100, le=200)]
Corner = Annotated[tuple[_Percent, _Percent], Field(strict=False, json_schema_extra={"unit": "[% across, % down]"})]
_Point = tuple[float, float]
_LEAST_AREA = 1e-3


class Shear(Filter):
    summary: ClassVar[str] = "Shears the image, which grows to hold its corners."
    working_bytes: ClassVar[int] = 4

    x: ShearAngle = Field(0, description="Angle by which vertical lines lean. Positive: their tops move left.")
    y: ShearAngle = Field(0, description="Angle by which horizontal lines lean. Positive: their right ends move down.")
    background: Color = Field("transparent", description="Colour of the areas that the sheared image does not cover.")

    @model_validator(mode="after")
    def _check_area(self) -> Self:
        if abs(1 - self._shifts()[0] * self._shifts()[1]) < _LEAST_AREA:
            raise PydanticCustomError("flat", "would flatten the image to a line; choose another x or y")
        return self

    def size_after(self, size: Size) -> Size:
        across, down = self._shifts()
        width, height = size[0] + abs(across) * size[1], abs(down) * size[0] + size[1]
        return math.ceil(width - 1e-6), math.ceil(height - 1e-6)  # 1e-6: a rounding error adds no pixel

    def apply(self, image: Image.Image) -> Image.Image:
        if self.x == self.y == 0:
            return image
        size, affine = self.size_after(image.size), self._affine(image.size)
        return transform(
            promote_mode(image, self.background), size, Image.Transform.AFFINE, affine, background=self.background
        )

    def _shifts(self) -> tuple[float, float]:
        return math.tan(math.radians(self.x)), math.tan(math.radians(self.y))

    def _affine(self, size: Size) -> tuple[float, ...]:
        """Return the affine map from the sheared image to the original, about their centres."""
        (across, down), sheared = self._shifts(), self.size_after(size)
        area = 1 - across * down
        a, b, d, e = 1 / area, -across / area, -down / area, 1 / area
        x, y = sheared[0] / 2, sheared[1] / 2
        return a, b, size[0] / 2 - a * x - b * y, d, e, size[1] / 2 - d * x - e * y


class Perspective(Filter):
    summary: ClassVar[str] = "Moves the four corners, so that the image is seen in perspective."
    working_bytes: ClassVar[int] = 4

    top_left: Corner = Field((0, 0), description="New position of the top left corner.")
    top_right: Corner = Field((100, 0), description="New position of the top right corner.")
    bottom_right: Corner = Field((100, 100), description="New position of the bottom right corner.")
    bottom_left: Corner = Field((0, 100), description="New position of the bottom left corner.")
    background: Color = Field("transparent", description="Colour of the areas that the image does not cover.")

    @model_validator(mode="after")
    def _check_corners(self) -> Self:
        """Reject outlines that cross themselves or are not convex."""
        corners = self._corners()
        turns = [_cross_product(corners[index - 2], corners[index - 1], corners[index]) for index in range(4)]
        if min(turns) <= _LEAST_AREA:
            raise PydanticCustomError("dent", "needs corners that form a convex shape, clockwise from the top left")
        return self

    def apply(self, image: Image.Image) -> Image.Image:
        if self._corners() == ((0, 0), (1, 0), (1, 1), (0, 1)):
            return image
        coefficients = self._coefficients(image.size)
        return transform(
            promote_mode(image, self.background),
            image.size,
            Image.Transform.PERSPECTIVE,
            coefficients,
            background=self.background,
        )

    def _corners(self) -> tuple[_Point, ...]:
        corners = (self.top_left, self.top_right, self.bottom_right, self.bottom_left)
        return tuple((across / 100, down / 100) for across, down in corners)

    def _coefficients(self, size: Size) -> tuple[float, ...]:
        """Return the map from the moved corners back to the image: the adjugate of the forward map, in pixels."""
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


def _cross_product(before: _Point, corner: _Point, after: _Point) -> float:
    """Return a positive number where the outline turns right, with y pointing down."""
    return (corner[0] - before[0]) * (after[1] - corner[1]) - (corner[1] - before[1]) * (after[0] - corner[0])


def _from_square(corners: tuple[_Point, ...]) -> tuple[float, ...]:
    """Return the projective map from the unit square.

    Heckbert, "Fundamentals of Texture Mapping and Image Warping", 1989, section 2.2.3.
    """
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = corners
    dx1, dx2, dx3 = x1 - x2, x3 - x2, x0 - x1 + x2 - x3
    dy1, dy2, dy3 = y1 - y2, y3 - y2, y0 - y1 + y2 - y3
    area = dx1 * dy2 - dx2 * dy1
    g, h = (dx3 * dy2 - dx2 * dy3) / area, (dx1 * dy3 - dx3 * dy1) / area
    return x1 - x0 + g * x1, x3 - x0 + h * x3, x0, y1 - y0 + g * y1, y3 - y0 + h * y3, y0, g, h
