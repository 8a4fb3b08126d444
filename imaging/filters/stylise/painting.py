"""Filters that redraw the image with fewer colours and larger strokes."""

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
    summary: ClassVar[str] = "Makes the image look like an oil painting."
    mixes_colors: ClassVar[bool] = True

    size: Side = Field(7, description="Width of the brush, an odd number.")
    levels: int = Field(
        24, ge=2, le=256, json_schema_extra={"unit": "levels"}, description="Number of values of each channel."
    )

    @property
    def reach(self) -> int:
        return self.size // 2

    def apply(self, image: Image.Image) -> Image.Image:
        """Reduce the levels, then apply a mode filter."""
        return keeping_alpha(image, lambda colors: native.mode_filter(reduce_levels(colors, self.levels), self.size))


class Cartoonify(Filter):
    summary: ClassVar[str] = "Fills areas with few colours and draws the edges in ink."
    mixes_colors: ClassVar[bool] = True
    preview_note: ClassVar[str] = "A preview lacks the finest detail, which this filter draws."

    levels: int = Field(
        6, ge=2, le=32, json_schema_extra={"unit": "levels"}, description="Number of values of each channel."
    )
    edges: Strength = Field(50, description="Strength of the ink; 0 draws no edges.")

    @property
    def reach(self) -> int:
        """Return the sum of those of a median, a blur and a convolution."""
        return 2 + 3 + 1

    def apply(self, image: Image.Image) -> Image.Image:
        return keeping_alpha(image, self._draw)

    def _draw(self, image: Image.Image) -> Image.Image:
        smooth = native.median_blur(image, 5)
        lines = ImageChops.invert(self._detect(smooth.convert("L")))
        filled = reduce_levels(smooth, self.levels)
        return ImageChops.multiply(filled, lines.convert(filled.mode))

    def _detect(self, image: Image.Image) -> Image.Image:
        """Return edges: faint ones vanish, others are amplified."""
        found = detect_edges(native.gaussian_blur(image, 1))
        return found.point(tabulate(lambda value: (value - 6) * self.edges / 5))


def reduce_levels(image: Image.Image, levels: int) -> Image.Image:
    """Reduce each channel to `levels` evenly spaced values, black and white among them."""
    gap = 255 / (levels - 1)
    return apply_lut(image, tabulate(lambda value: round(value / gap) * gap))
