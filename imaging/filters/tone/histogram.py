"""Filters that look at how often each value occurs before they change any."""

from typing import ClassVar

from PIL import Image, ImageOps
from pydantic import Field

from imaging.filters.alpha import keeping_alpha
from imaging.filters.base import Filter


class AutoContrast(Filter):
    summary: ClassVar[str] = "Stretches each channel from its darkest value to its lightest over the whole range."

    cutoff: float = Field(
        0, ge=0, le=49, json_schema_extra={"unit": "%"}, description="Share of the pixels to ignore at either end."
    )

    def apply(self, image: Image.Image) -> Image.Image:
        return keeping_alpha(image, lambda colors: ImageOps.autocontrast(colors, self.cutoff))


class Equalize(Filter):
    summary: ClassVar[str] = "Spreads the values of each channel so that each occurs about as often."

    def apply(self, image: Image.Image) -> Image.Image:
        return keeping_alpha(image, ImageOps.equalize)
