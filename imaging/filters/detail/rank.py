"""Filters that choose each pixel from its neighbourhood, or quieten what differs little from it."""

from typing import ClassVar

from PIL import Image, ImageChops
from pydantic import Field

from imaging import native
from imaging.filters.alpha import keeping_alpha
from imaging.filters.base import Filter
from imaging.filters.luts import tabulate
from imaging.filters.parameters import Side, Strength


class Median(Filter):
    summary: ClassVar[str] = "Takes the middle value of a square around each pixel: specks vanish, edges stay."
    runs_natively: ClassVar[bool] = True

    size: Side = Field(3, description="Side of the square; odd, 1 changes nothing.")

    def apply(self, image: Image.Image) -> Image.Image:
        return keeping_alpha(image, lambda colors: native.median_blur(colors, self.size))


class Min(Filter):
    summary: ClassVar[str] = "Takes the darkest value of a square around each pixel: dark parts grow."
    runs_natively: ClassVar[bool] = True

    size: Side = Field(3, description="Side of the square; odd, 1 changes nothing.")

    def apply(self, image: Image.Image) -> Image.Image:
        return keeping_alpha(image, lambda colors: native.erode(colors, self.size))


class Max(Filter):
    summary: ClassVar[str] = "Takes the lightest value of a square around each pixel: light parts grow."
    runs_natively: ClassVar[bool] = True

    size: Side = Field(3, description="Side of the square; odd, 1 changes nothing.")

    def apply(self, image: Image.Image) -> Image.Image:
        return keeping_alpha(image, lambda colors: native.dilate(colors, self.size))


class Mode(Filter):
    summary: ClassVar[str] = "Takes the most frequent value of a square around each pixel; a unique one stays."
    runs_natively: ClassVar[bool] = True

    size: Side = Field(3, description="Side of the square; odd, 1 changes nothing.")

    def apply(self, image: Image.Image) -> Image.Image:
        return keeping_alpha(image, lambda colors: native.mode_filter(colors, self.size))


class Denoise(Filter):
    summary: ClassVar[str] = "Smooths what differs little from its surroundings and leaves edges."

    amount: Strength = Field(50, description="0 changes nothing, 100 smooths all but strong edges.")

    def apply(self, image: Image.Image) -> Image.Image:
        return image if self.amount == 0 else keeping_alpha(image, self._smooth)

    def _smooth(self, image: Image.Image) -> Image.Image:
        """Towards the blurred picture, the less the further that is away: not at all from amount x 0.6 levels on."""
        blurred = native.gaussian_blur(image, 1 + self.amount / 50)
        reach = self.amount * 0.6
        likeness = tabulate(lambda distance: 255 * max(0, 1 - distance / reach))
        masks = ImageChops.difference(image, blurred).point(likeness * len(image.getbands())).split()
        bands = map(Image.composite, blurred.split(), image.split(), masks)
        return Image.merge(image.mode, list(bands))
