"""Rank filters, which choose each pixel from its neighbourhood, and noise reduction."""

from typing import ClassVar

from PIL import Image, ImageChops
from pydantic import Field

from imaging import native
from imaging.filters.alpha import keeping_alpha
from imaging.filters.base import Filter
from imaging.filters.luts import tabulate
from imaging.filters.parameters import Side, Strength


class Median(Filter):
    summary: ClassVar[str] = "Replaces each pixel by the median of the square around it: specks vanish, edges stay."
    runs_natively: ClassVar[bool] = True

    size: Side = Field(3, description="Side of the square, an odd number; 1 changes nothing.")

    def apply(self, image: Image.Image) -> Image.Image:
        return keeping_alpha(image, lambda colors: native.median_blur(colors, self.size))


class Min(Filter):
    summary: ClassVar[str] = "Replaces each pixel by the minimum of the square around it: dark areas grow."
    runs_natively: ClassVar[bool] = True

    size: Side = Field(3, description="Side of the square, an odd number; 1 changes nothing.")

    def apply(self, image: Image.Image) -> Image.Image:
        return keeping_alpha(image, lambda colors: native.erode(colors, self.size))


class Max(Filter):
    summary: ClassVar[str] = "Replaces each pixel by the maximum of the square around it: light areas grow."
    runs_natively: ClassVar[bool] = True

    size: Side = Field(3, description="Side of the square, an odd number; 1 changes nothing.")

    def apply(self, image: Image.Image) -> Image.Image:
        return keeping_alpha(image, lambda colors: native.dilate(colors, self.size))


class Mode(Filter):
    summary: ClassVar[str] = (
        "Replaces each pixel by the most frequent value of the square around it, if that occurs at least three times."
    )
    runs_natively: ClassVar[bool] = True

    size: Side = Field(3, description="Side of the square, an odd number; 1 changes nothing.")

    def apply(self, image: Image.Image) -> Image.Image:
        return keeping_alpha(image, lambda colors: native.mode_filter(colors, self.size))


class Denoise(Filter):
    summary: ClassVar[str] = "Reduces noise and keeps edges."

    amount: Strength = Field(50, description="0 changes nothing, 100 smooths all but strong edges.")

    def apply(self, image: Image.Image) -> Image.Image:
        return image if self.amount == 0 else keeping_alpha(image, self._smooth)

    def _smooth(self, image: Image.Image) -> Image.Image:
        """Blend with a blurred copy, the less the more they differ: not at all from amount x 0.6 levels on."""
        blurred = native.gaussian_blur(image, 1 + self.amount / 50)
        reach = self.amount * 0.6
        similarity = tabulate(lambda distance: 255 * max(0, 1 - distance / reach))
        masks = ImageChops.difference(image, blurred).point(similarity * len(image.getbands())).split()
        bands = map(Image.composite, blurred.split(), image.split(), masks)
        return Image.merge(image.mode, list(bands))
