"""Blurs. Beyond the edge of the image its outermost pixels are repeated."""

import math
from functools import partial
from typing import Annotated, ClassVar, Literal

from PIL import Image, ImageChops, ImageFilter
from pydantic import Field

from imaging import native
from imaging.filters.alpha import apply_premultiplied, premultiply, unpremultiply
from imaging.filters.base import Filter, Size
from imaging.filters.edge_padding import crop_margins, extend_edges
from imaging.filters.parameters import Angle, Sigma, Strength
from imaging.filters.pixels import Pixels
from imaging.memory import apply_in_bands

_DOUBLINGS = 6  # even, so that the inversions cancel out
_RIGHT_ANGLE = 90


class Blur(Filter):
    summary: ClassVar[str] = "Blurs the image and its alpha with a Gaussian."
    averages: ClassVar[bool] = True
    runs_natively: ClassVar[bool] = True

    sigma: Sigma = Field(2, description="Standard deviation of the Gaussian.")

    def apply(self, image: Image.Image) -> Image.Image:
        return native.blend_with_blur(
            image, self.sigma, lambda _image, blurred, _top: unpremultiply(blurred), prepare=premultiply
        )


class BoxBlur(Filter):
    summary: ClassVar[str] = "Makes each pixel the mean of the square around it."
    averages: ClassVar[bool] = True

    radius: Annotated[float, Pixels("fraction")] = Field(
        2, ge=0, le=250, description="Half the side of the square; 0 changes nothing."
    )

    @property
    def reach(self) -> int:
        return math.ceil(self.radius)

    def accepts_array(self, size: Size) -> bool:  # noqa: ARG002 - the radius decides
        return self.radius.is_integer()

    def apply(self, image: Image.Image) -> Image.Image:
        return apply_premultiplied(image, lambda colors: _box_blur(colors, self.radius, self.radius))


class MotionBlur(Filter):
    summary: ClassVar[str] = "Blurs along a line, like a moving camera."
    working_bytes: ClassVar[int] = 14

    length: Annotated[int, Pixels("fraction", least=1)] = Field(15, ge=1, le=250, description="Length of the movement.")
    angle: Angle = Field(0, description="Direction of the movement: 0 is horizontal, 90 vertical.")

    def apply(self, image: Image.Image) -> Image.Image:
        """Rotate until the movement is horizontal, blur rows, rotate back."""
        radius = (self.length - 1) / 2
        if self.angle % _RIGHT_ANGLE == 0:
            radii = (0, radius) if self.angle % (2 * _RIGHT_ANGLE) else (radius, 0)
            return apply_premultiplied(image, lambda colors: _box_blur(colors, *radii))
        return apply_premultiplied(image, lambda colors: self._blur_at_angle(colors, radius))

    def _blur_at_angle(self, image: Image.Image, radius: float) -> Image.Image:
        margins = (round(radius) + 3,) * 4
        wide = extend_edges(image, margins)
        level = wide.rotate(self.angle, Image.Resampling.BICUBIC, expand=True)
        blurred = _box_blur(level, radius, 0)
        back = blurred.rotate(-self.angle, Image.Resampling.BICUBIC)
        left, top = (back.width - wide.width) // 2, (back.height - wide.height) // 2
        return crop_margins(back.crop((left, top, left + wide.width, top + wide.height)), margins)


class TiltShift(Filter):
    summary: ClassVar[str] = "Keeps a strip sharp and blurs the rest, so that the scene looks like a miniature."

    sigma: Sigma = Field(6, description="Sigma of the blur outside of the strip.")
    position: Strength = Field(50, description="Middle of the strip, in per cent from the top or the left.")
    width: Strength = Field(20, description="Width of the sharp strip. The transition on each side is as wide.")
    direction: Literal["horizontal", "vertical"] = Field("horizontal", description="Direction of the strip.")

    def apply(self, image: Image.Image) -> Image.Image:
        line = self._line(image.size)

        def blend(part: Image.Image, blurred: Image.Image, top: int) -> Image.Image:
            mask = line.crop((0, top, 1, top + part.height)) if line.width == 1 else line
            composed = Image.composite(blurred, premultiply(part), mask.resize(part.size, Image.Resampling.NEAREST))
            return unpremultiply(composed)

        return native.blend_with_blur(image, self.sigma, blend, prepare=premultiply)

    def _line(self, size: Size) -> Image.Image:
        """Return a column or a row that is white where the image is fully blurred."""
        is_horizontal = self.direction == "horizontal"
        length = size[is_horizontal]
        line = Image.new("L", (1, length) if is_horizontal else (length, 1))
        line.putdata([self._blurredness((place + 0.5) / length * 100) for place in range(length)])
        return line

    def _blurredness(self, place: float) -> int:
        beyond = abs(place - self.position) - self.width / 2
        return round(255 * max(0.0, min(1.0, beyond / max(self.width, 1))))


class ZoomBlur(Filter):
    summary: ClassVar[str] = "Blurs away from a point, like zooming during the exposure."
    working_bytes: ClassVar[int] = 4

    amount: Strength = Field(20, description="0 changes nothing, 100 zooms to twice the size.")
    x: Strength = Field(50, description="Point that stays sharp, in per cent from the left.")
    y: Strength = Field(50, description="Point that stays sharp, in per cent from the top.")

    def apply(self, image: Image.Image) -> Image.Image:
        return image if self.amount == 0 else apply_premultiplied(image, self._blur)

    def _blur(self, image: Image.Image) -> Image.Image:
        """Average 64 zoomed copies, evenly spaced in the logarithm of the zoom: each pass doubles their number.

        Every other pass works on the negative, because Pillow always rounds the mean of two values down.
        """
        for halving in range(1, _DOUBLINGS + 1):
            image = apply_in_bands(image, partial(self._blend, image, (1 + self.amount / 100) ** (0.5**halving)))
        return image

    def _blend(self, image: Image.Image, zoom: float, part: Image.Image, first: int) -> Image.Image:
        """Return the negative of the mean of some rows and of the zoomed copy's."""
        share = 1 / zoom
        left, top = image.width * self.x / 100 * (1 - share), image.height * self.y / 100 * (1 - share)
        box = (left, top + first * share, left + image.width * share, top + (first + part.height) * share)
        zoomed = image.resize(part.size, Image.Resampling.BILINEAR, box)
        return ImageChops.invert(Image.blend(part, zoomed, 0.5))


def _box_blur(image: Image.Image, radius_x: float, radius_y: float) -> Image.Image:
    """Return the mean of a box with these radii. Fractions of pixels are handled by Pillow alone."""
    if radius_x.is_integer() and radius_y.is_integer():
        return native.box_blur(image, 2 * int(radius_x) + 1, 2 * int(radius_y) + 1)
    return image.filter(ImageFilter.BoxBlur((radius_x, radius_y)))
