"""Filters that remove colours, strengthen them or rotate their hue."""

import math
from typing import ClassVar, Literal

from PIL import Image, ImageChops
from pydantic import Field

from imaging.filters.alpha import keeping_alpha
from imaging.filters.base import Filter
from imaging.filters.color_transform import (
    IDENTITY,
    LUMA_601,
    LUMA_709,
    ColorFilter,
    ColorTransform,
    Matrix3,
    MatrixFilter,
    Row,
    apply_matrix,
    blend_with_identity,
)
from imaging.filters.parameters import Amount, Angle, Strength

_ALL = 100
_LUMA_ROWS: Matrix3 = (LUMA_601, LUMA_601, LUMA_601)
# What a rotation of the hue by 90 degrees adds to the luma; the middle row keeps the luma of each column 0.
_RED, _GREEN, _BLUE = LUMA_601
_HUE_90: Matrix3 = (
    (-_RED, -_GREEN, 1 - _BLUE),
    ((_RED**2 + _BLUE * (1 - _RED)) / _GREEN, _RED - _BLUE, -(_RED * (1 - _BLUE) + _BLUE**2) / _GREEN),
    (_RED - 1, _GREEN, _BLUE),
)
_GREY: dict[str, Row] = {"luma601": LUMA_601, "luma709": LUMA_709, "average": (1 / 3, 1 / 3, 1 / 3)}
# "How to: Apply a Sepia Tone", MSDN Magazine, January 2005: the usual matrix
_SEPIA: Matrix3 = ((0.393, 0.769, 0.189), (0.349, 0.686, 0.168), (0.272, 0.534, 0.131))


class Grayscale(ColorFilter):
    summary: ClassVar[str] = "Removes the colours."

    method: Literal["luma601", "luma709", "average"] = Field(
        "luma601", description="Weights of red, green and blue: ITU-R BT.601, BT.709, or equal."
    )
    amount: Strength = Field(100, description="0 changes nothing, 100 leaves only greys.")

    def color_transform(self) -> ColorTransform:
        weights = _GREY[self.method]
        if self.amount == _ALL:
            return ColorTransform(matrix=(weights,))
        return ColorTransform(matrix=blend_with_identity((weights, weights, weights), self.amount / 100))


class Sepia(MatrixFilter):
    summary: ClassVar[str] = "Tones the image brown, like an old print."

    amount: Strength = Field(100, description="0 changes nothing, 100 is fully brown.")

    def color_matrix(self) -> Matrix3:
        return blend_with_identity(_SEPIA, self.amount / 100)


class Saturation(MatrixFilter):
    summary: ClassVar[str] = "Makes colours stronger or paler and keeps their luma."

    amount: Amount = Field(0, description="-100 is grey, 0 changes nothing, 100 doubles the saturation.")

    def color_matrix(self) -> Matrix3:
        return blend_with_identity(_LUMA_ROWS, -self.amount / 100)


class Vibrance(Filter):
    summary: ClassVar[str] = "Makes pale colours stronger or paler and affects strong ones less."
    pixelwise: ClassVar[bool] = True

    amount: Amount = Field(
        0, description="-100 turns pale colours grey, 0 changes nothing, 100 doubles their saturation."
    )

    def apply(self, image: Image.Image) -> Image.Image:
        return image if image.mode in {"L", "LA"} or self.amount == 0 else keeping_alpha(image, self._saturate)

    def _saturate(self, image: Image.Image) -> Image.Image:
        """Apply saturation, weighted by 255 minus the difference of the largest and smallest channel."""
        red, green, blue = image.split()
        largest = ImageChops.lighter(ImageChops.lighter(red, green), blue)
        smallest = ImageChops.darker(ImageChops.darker(red, green), blue)
        paleness = ImageChops.invert(ImageChops.subtract(largest, smallest))
        return Image.composite(
            apply_matrix(image, blend_with_identity(_LUMA_ROWS, -self.amount / 100)), image, paleness
        )


class Hue(MatrixFilter):
    summary: ClassVar[str] = "Rotates all colours around the colour wheel and keeps their luma."

    angle: Angle = Field(0, description="0 changes nothing, 120 turns red into green, 180 gives complementary colours.")

    def color_matrix(self) -> Matrix3:
        """Return the matrix of feColorMatrix hueRotate, Filter Effects Module Level 1, with the weights of BT.601."""
        cosine, sine = math.cos(math.radians(self.angle)), math.sin(math.radians(self.angle))
        red, green, blue = (
            _rotate_row(luma, own, rotated, cosine, sine)
            for luma, own, rotated in zip(_LUMA_ROWS, IDENTITY, _HUE_90, strict=True)
        )
        return red, green, blue


def _rotate_row(luma: Row, own: Row, rotated: Row, cosine: float, sine: float) -> Row:
    red, green, blue = (a + cosine * (b - a) + sine * c for a, b, c in zip(luma, own, rotated, strict=True))
    return red, green, blue
