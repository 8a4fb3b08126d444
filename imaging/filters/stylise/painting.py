"""Filters that paint a picture anew, in fewer and larger strokes."""

from typing import ClassVar

from PIL import Image, ImageChops
from pydantic import Field

from imaging import native
from imaging.filters.alpha import keeping_alpha
from imaging.filters.base import Filter
from imaging.filters.color_transform import apply_lut
from imaging.filters.luts import tabulate
from imaging.filters.parameters import Side, Strength
from imaging.filters.stylise.edges import detect_edges


class OilPaint(Filter):
    summary: ClassVar[str] = "Paints with a broad brush and few paints."

    size: Side = Field(7, description="Width of the brush; odd.")
    levels: int = Field(
        24, ge=2, le=256, json_schema_extra={"unit": "levels"}, description="How many values each channel has."
    )

    def apply(self, image: Image.Image) -> Image.Image:
        """The most frequent of the few values around each pixel."""
        return keeping_alpha(image, lambda colors: native.mode_filter(reduce_levels(colors, self.levels), self.size))


class Cartoonify(Filter):
    summary: ClassVar[str] = "Fills areas with few colours and inks the edges."

    levels: int = Field(
        6, ge=2, le=32, json_schema_extra={"unit": "levels"}, description="How many values each channel has."
    )
    edges: Strength = Field(50, description="How much is inked; 0 inks nothing.")

    def apply(self, image: Image.Image) -> Image.Image:
        return keeping_alpha(image, self._draw)

    def _draw(self, image: Image.Image) -> Image.Image:
        smooth = native.median_blur(image, 5)
        ink = ImageChops.invert(self._edges(smooth.convert("L")))
        filled = reduce_levels(smooth, self.levels)
        return ImageChops.multiply(filled, ink.convert(filled.mode))

    def _edges(self, image: Image.Image) -> Image.Image:
        """Faint ones vanish, the others grow as strong as they may."""
        found = detect_edges(native.gaussian_blur(image, 1))
        return found.point(tabulate(lambda value: (value - 6) * self.edges / 5))


def reduce_levels(image: Image.Image, levels: int) -> Image.Image:
    """Only so many evenly spaced values, black and white among them."""
    gap = 255 / (levels - 1)
    return apply_lut(image, tabulate(lambda value: round(value / gap) * gap))
