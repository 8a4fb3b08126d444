"""Blurs: even, along a line, in a box, around a point or beside a strip. The outermost pixels go on beyond the edge."""

from typing import ClassVar, Literal

from PIL import Image, ImageChops, ImageFilter
from pydantic import Field

from imaging import native
from imaging.filters.alpha import apply_premultiplied
from imaging.filters.base import Filter, Size
from imaging.filters.edge_padding import crop_margins, extend_edges
from imaging.filters.parameters import Angle, Sigma, Strength

_DOUBLINGS = 6  # even, so that two negatives make the picture
_RIGHT_ANGLE = 90


class Blur(Filter):
    summary: ClassVar[str] = "Blurs the picture, its alpha too."
    averages: ClassVar[bool] = True
    runs_natively: ClassVar[bool] = True

    sigma: Sigma = Field(2, description="Standard deviation of the Gaussian bell.")

    def apply(self, image: Image.Image) -> Image.Image:
        return apply_premultiplied(image, lambda whole: native.gaussian_blur(whole, self.sigma))


class BoxBlur(Filter):
    summary: ClassVar[str] = "Makes each pixel the mean of a square around it."
    averages: ClassVar[bool] = True

    radius: float = Field(
        2, ge=0, le=250, json_schema_extra={"unit": "px"}, description="Half of the square's side; 0 changes nothing."
    )

    def accepts_array(self, size: Size) -> bool:  # noqa: ARG002 - of a box the radius decides
        return self.radius.is_integer()

    def apply(self, image: Image.Image) -> Image.Image:
        return apply_premultiplied(image, lambda whole: _mean(whole, self.radius, self.radius))


class MotionBlur(Filter):
    summary: ClassVar[str] = "Blurs along a line, as a moving camera does."

    length: int = Field(15, ge=1, le=250, json_schema_extra={"unit": "px"}, description="Length of the movement.")
    angle: Angle = Field(0, description="0 is sideways, 90 up and down.")

    def apply(self, image: Image.Image) -> Image.Image:
        """Turned until the movement is level, blurred in rows, turned back."""
        radius = (self.length - 1) / 2
        if self.angle % _RIGHT_ANGLE == 0:
            radii = (0, radius) if self.angle % (2 * _RIGHT_ANGLE) else (radius, 0)
            return apply_premultiplied(image, lambda whole: _mean(whole, *radii))
        return apply_premultiplied(image, lambda whole: self._blur_aslant(whole, radius))

    def _blur_aslant(self, image: Image.Image, radius: float) -> Image.Image:
        margins = (round(radius) + 3,) * 4
        wide = extend_edges(image, margins)
        level = wide.rotate(self.angle, Image.Resampling.BICUBIC, expand=True)
        blurred = _mean(level, radius, 0)
        back = blurred.rotate(-self.angle, Image.Resampling.BICUBIC)
        left, top = (back.width - wide.width) // 2, (back.height - wide.height) // 2
        return crop_margins(back.crop((left, top, left + wide.width, top + wide.height)), margins)


class TiltShift(Filter):
    summary: ClassVar[str] = "Keeps a strip sharp and blurs the rest, so that the scene looks like a model."

    sigma: Sigma = Field(6, description="Of the blur away from the strip.")
    position: Strength = Field(50, description="Middle of the strip, from the top or the left.")
    width: Strength = Field(20, description="Width of the strip; as far again it fades.")
    direction: Literal["horizontal", "vertical"] = Field("horizontal", description="How the strip lies.")

    def apply(self, image: Image.Image) -> Image.Image:
        return apply_premultiplied(image, self._blur)

    def _blur(self, image: Image.Image) -> Image.Image:
        blurred = native.gaussian_blur(image, self.sigma)
        return Image.composite(blurred, image, self._mask(image))

    def _mask(self, image: Image.Image) -> Image.Image:
        """White where all is blurred."""
        lies = self.direction == "horizontal"
        length = image.height if lies else image.width
        line = Image.new("L", (1, length) if lies else (length, 1))
        line.putdata([self._blurredness((place + 0.5) / length * 100) for place in range(length)])
        return line.resize(image.size, Image.Resampling.NEAREST)

    def _blurredness(self, place: float) -> int:
        beyond = abs(place - self.position) - self.width / 2
        return round(255 * max(0.0, min(1.0, beyond / max(self.width, 1))))


class ZoomBlur(Filter):
    summary: ClassVar[str] = "Blurs away from a point, as zooming during the exposure does."

    amount: Strength = Field(20, description="0 changes nothing, 100 zooms to twice the size.")
    x: Strength = Field(50, description="The point that stays sharp, from the left.")
    y: Strength = Field(50, description="The same from the top.")

    def apply(self, image: Image.Image) -> Image.Image:
        return image if self.amount == 0 else apply_premultiplied(image, self._blur)

    def _blur(self, image: Image.Image) -> Image.Image:
        """Each pass doubles the exposures: 64 of them after the last, evenly spaced in the logarithm of the zoom.

        Every other pass sees the negative, because Pillow's mean of two is always rounded down.
        """
        for halving in range(1, _DOUBLINGS + 1):
            mean = Image.blend(image, self._zoomed(image, (1 + self.amount / 100) ** (0.5**halving)), 0.5)
            image = ImageChops.invert(mean)
        return image

    def _zoomed(self, image: Image.Image, zoom: float) -> Image.Image:
        share = 1 / zoom
        left, top = image.width * self.x / 100 * (1 - share), image.height * self.y / 100 * (1 - share)
        box = (left, top, left + image.width * share, top + image.height * share)
        return image.resize(image.size, Image.Resampling.BILINEAR, box)


def _mean(image: Image.Image, across: float, down: float) -> Image.Image:
    """Of a box as far as that from its middle; one that ends within pixels is Pillow's alone."""
    if across.is_integer() and down.is_integer():
        return native.box_blur(image, 2 * int(across) + 1, 2 * int(down) + 1)
    return image.filter(ImageFilter.BoxBlur((across, down)))
