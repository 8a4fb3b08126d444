"""Filters that depend on how often each value occurs in visible pixels."""

from typing import ClassVar

from PIL import Image, ImageOps
from pydantic import Field

from imaging.filters.alpha import alpha_of, keeping_alpha
from imaging.filters.base import Filter


class AutoContrast(Filter):
    summary: ClassVar[str] = "Stretches each channel to the full range of values."

    cutoff: float = Field(
        0,
        ge=0,
        le=49,
        json_schema_extra={"unit": "%"},
        description="Percentage of pixels to ignore at either end of the range.",
    )

    def apply(self, image: Image.Image) -> Image.Image:
        mask = alpha_of(image)
        return keeping_alpha(image, lambda colors: ImageOps.autocontrast(colors, self.cutoff, mask=mask))


class Equalize(Filter):
    summary: ClassVar[str] = "Equalizes the histogram of each channel."

    def apply(self, image: Image.Image) -> Image.Image:
        mask = alpha_of(image)
        return keeping_alpha(image, lambda colors: ImageOps.equalize(colors, mask))
