"""Rotation by any angle."""

import math
from typing import ClassVar

from PIL import Image
from pydantic import Field

from imaging.colors import Color, pixel_of, promote_mode
from imaging.filters.base import Filter, Size
from imaging.filters.geometry.transform import transform
from imaging.orientation import ROTATIONS, Orientation

_MARGIN = 2  # pixels: the reach of a bicubic kernel


class Rotate(Filter):
    summary: ClassVar[str] = "Rotates the image."
    working_bytes: ClassVar[int] = 4

    angle: float = Field(90, ge=-360, le=360, json_schema_extra={"unit": "°"}, description="Clockwise angle.")
    expand: bool = Field(
        default=True, description="Whether the image grows to hold its corners. If not, they are cut off."
    )
    background: Color = Field("transparent", description="Colour of the areas that the rotated image does not cover.")

    def as_orientation(self) -> Orientation | None:
        return self._as_orientation(is_square=False)

    def _as_orientation(self, *, is_square: bool) -> Orientation | None:
        quarters, rest = divmod(self.angle % 360, 90)  # up to 4: a tiny negative angle is 360 here
        keeps_corners = self.expand or is_square or quarters % 2 == 0
        return ROTATIONS[int(quarters) % 4] if rest == 0 and keeps_corners else None

    def size_after(self, size: Size) -> Size:
        if not self.expand:
            return size
        cosine, sine = self._direction()
        width, height = (abs(cosine) * size[0] + abs(sine) * size[1], abs(sine) * size[0] + abs(cosine) * size[1])
        return math.ceil(width - 1e-6), math.ceil(height - 1e-6)  # 1e-6: a rounding error adds no pixel

    def apply(self, image: Image.Image) -> Image.Image:
        orientation = self._as_orientation(is_square=image.width == image.height)
        if orientation is not None:
            return orientation.apply(image)
        size, affine = self.size_after(image.size), self._affine(image.size)
        return transform(  # what it is given has no name here, so that it is freed
            _with_margin(promote_mode(image, self.background), self.background),
            size,
            Image.Transform.AFFINE,
            affine,
            background=self.background,
        )

    def _direction(self) -> tuple[float, float]:
        """Return cosine and sine, exact at right angles."""
        radians = math.radians(self.angle)
        return round(math.cos(radians), 15), round(math.sin(radians), 15)

    def _affine(self, size: Size) -> tuple[float, ...]:
        """Return the affine map from the rotated image to the original, about their centres; y points down."""
        cosine, sine = self._direction()
        (x, y), (rotated_x, rotated_y) = ((side[0] / 2, side[1] / 2) for side in (size, self.size_after(size)))
        across = x - cosine * rotated_x - sine * rotated_y + _MARGIN
        down = y + sine * rotated_x - cosine * rotated_y + _MARGIN
        return cosine, sine, across, -sine, cosine, down


def _with_margin(image: Image.Image, color: str) -> Image.Image:
    """Add a margin, so that edges blend into the background: Pillow interpolates only within the image."""
    framed = Image.new(image.mode, (image.width + 2 * _MARGIN, image.height + 2 * _MARGIN), pixel_of(color, image.mode))
    framed.paste(image, (_MARGIN, _MARGIN))
    return framed
