"""Rank filters, which choose each pixel from its neighbourhood, and noise reduction."""

from typing import ClassVar

from PIL import Image, ImageChops
from pydantic import Field

from imaging import native
from imaging.filters.alpha import keeping_alpha, remove_alpha
from imaging.filters.base import Filter
from imaging.filters.luts import tabulate
from imaging.filters.parameters import Side, Strength


class Median(Filter):
    summary: ClassVar[str] = "Replaces each pixel by the median of the square around it: specks vanish, edges stay."
    mixes_colors: ClassVar[bool] = True
    runs_natively: ClassVar[bool] = True

    size: Side = Field(3, description="Side of the square, an odd number; 1 changes nothing.")

    @property
    def reach(self) -> int:
        return self.size // 2

    def apply(self, image: Image.Image) -> Image.Image:
        return keeping_alpha(image, lambda colors: native.median_blur(colors, self.size))


class Min(Filter):
    summary: ClassVar[str] = "Replaces each pixel by the minimum of the square around it: dark areas grow."
    mixes_colors: ClassVar[bool] = True
    preview_note: ClassVar[str] = "In a preview, squares are rounded to an odd number of its pixels."
    runs_natively: ClassVar[bool] = True

    size: Side = Field(3, description="Side of the square, an odd number; 1 changes nothing.")

    @property
    def reach(self) -> int:
        return self.size // 2

    def apply(self, image: Image.Image) -> Image.Image:
        return keeping_alpha(image, lambda colors: native.erode(colors, self.size))


class Max(Filter):
    summary: ClassVar[str] = "Replaces each pixel by the maximum of the square around it: light areas grow."
    mixes_colors: ClassVar[bool] = True
    preview_note: ClassVar[str] = "In a preview, squares are rounded to an odd number of its pixels."
    runs_natively: ClassVar[bool] = True

    size: Side = Field(3, description="Side of the square, an odd number; 1 changes nothing.")

    @property
    def reach(self) -> int:
        return self.size // 2

    def apply(self, image: Image.Image) -> Image.Image:
        return keeping_alpha(image, lambda colors: native.dilate(colors, self.size))


class Mode(Filter):
    summary: ClassVar[str] = (
        "Replaces each pixel by the most frequent value of the square around it, if that occurs at least three times."
    )
    mixes_colors: ClassVar[bool] = True
    runs_natively: ClassVar[bool] = True

    size: Side = Field(3, description="Side of the square, an odd number; 1 changes nothing.")

    @property
    def reach(self) -> int:
        return self.size // 2

    def apply(self, image: Image.Image) -> Image.Image:
        if self.size == 1:
            return image
        return keeping_alpha(image, lambda colors: native.mode_filter(colors, self.size))


class Denoise(Filter):
    summary: ClassVar[str] = "Reduces noise and keeps edges."
    mixes_colors: ClassVar[bool] = True

    amount: Strength = Field(50, description="0 changes nothing, 100 smooths all but strong edges.")

    def apply(self, image: Image.Image) -> Image.Image:
        if self.amount == 0:
            return image
        return native.blend_with_blur(image, (1 + self.amount / 50) * self._pixel, self._blend, prepare=remove_alpha)

    def _blend(self, image: Image.Image, blurred: Image.Image, _top: int) -> Image.Image:
        return keeping_alpha(image, lambda colors: self._smooth(colors, blurred))

    def _smooth(self, image: Image.Image, blurred: Image.Image) -> Image.Image:
        """Blend with a blurred copy, the less the more they differ: not at all from amount x 0.6 levels on."""
        reach = self.amount * 0.6
        similarity = tabulate(lambda distance: 255 * max(0, 1 - distance / reach))
        masks = ImageChops.difference(image, blurred).point(similarity * len(image.getbands())).split()
        bands = map(Image.composite, blurred.split(), image.split(), masks)
        return Image.merge(image.mode, list(bands))
