"""Turns by any angle."""

import math
from typing import ClassVar

from PIL import Image
from pydantic import Field

from imaging.colors import Color, pixel_of, premultiplied_pixel_of, promote_mode
from imaging.filters.base import Filter, Size
from imaging.orientation import ROTATIONS, Orientation

_MARGIN = 2  # pixels: as far as a bicubic kernel reaches


class Rotate(Filter):
    summary: ClassVar[str] = "Turns the picture."

    angle: float = Field(90, ge=-360, le=360, json_schema_extra={"unit": "°"}, description="Clockwise.")
    expand: bool = Field(default=True, description="Whether the picture grows to hold its corners, or loses them.")
    background: Color = Field("transparent", description="What shows where the picture has turned away.")

    def as_orientation(self) -> Orientation | None:
        return self._whole_turn(is_square=False)

    def _whole_turn(self, *, is_square: bool) -> Orientation | None:
        quarters, rest = divmod(self.angle % 360, 90)  # up to 4: a tiny angle below 0 is 360 there
        keeps_corners = self.expand or is_square or quarters % 2 == 0
        return ROTATIONS[int(quarters) % 4] if rest == 0 and keeps_corners else None

    def size_after(self, size: Size) -> Size:
        if not self.expand:
            return size
        cosine, sine = self._direction()
        width, height = (abs(cosine) * size[0] + abs(sine) * size[1], abs(sine) * size[0] + abs(cosine) * size[1])
        return math.ceil(width - 1e-6), math.ceil(height - 1e-6)  # 1e-6: a rounding error is no pixel

    def apply(self, image: Image.Image) -> Image.Image:
        turn = self._whole_turn(is_square=image.width == image.height)
        if turn is not None:
            return turn.apply(image)
        picture = promote_mode(image, self.background)
        return _with_margin(picture, pixel_of(self.background, picture.mode)).transform(
            self.size_after(image.size),
            Image.Transform.AFFINE,
            self._affine(image.size),
            Image.Resampling.BICUBIC,
            fillcolor=premultiplied_pixel_of(self.background, picture.mode),
        )

    def _direction(self) -> tuple[float, float]:
        """Cosine and sine, exact at right angles."""
        radians = math.radians(self.angle)
        return round(math.cos(radians), 15), round(math.sin(radians), 15)

    def _affine(self, size: Size) -> tuple[float, ...]:
        """Where in the picture a point of the turned one comes from: both turn about their centres, y goes down."""
        cosine, sine = self._direction()
        (x, y), (turned_x, turned_y) = ((side[0] / 2, side[1] / 2) for side in (size, self.size_after(size)))
        across = x - cosine * turned_x - sine * turned_y + _MARGIN
        down = y + sine * turned_x - cosine * turned_y + _MARGIN
        return cosine, sine, across, -sine, cosine, down


def _with_margin(image: Image.Image, pixel: tuple[int, ...]) -> Image.Image:
    """Lets the edges blend into the background: Pillow takes a point outside the picture all or nothing."""
    framed = Image.new(image.mode, (image.width + 2 * _MARGIN, image.height + 2 * _MARGIN), pixel)
    framed.paste(image, (_MARGIN, _MARGIN))
    return framed
