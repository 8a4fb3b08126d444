"""Filters that lighten, darken or turn round each value by itself: one look-up table and one pass."""

import math
from typing import ClassVar

from PIL import Image, ImageChops
from pydantic import Field

from imaging.colors import has_alpha
from imaging.filters.color_transform import LutFilter
from imaging.filters.luts import Luts, tabulate
from imaging.filters.parameters import Amount
from imaging.linear_light import from_linear, to_linear


class Brightness(LutFilter):
    summary: ClassVar[str] = "Makes the picture lighter or darker by the same step everywhere."

    amount: Amount = Field(0, description="-100 is black, 0 changes nothing, 100 is white.")

    def luts(self) -> Luts:
        return (tabulate(lambda value: value + self.amount * 2.55),)


class Contrast(LutFilter):
    summary: ClassVar[str] = "Drives values away from middle grey, or towards it."

    amount: Amount = Field(0, description="-100 is flat grey, 0 changes nothing, 100 leaves black and white only.")

    def luts(self) -> Luts:
        """A straight line through middle grey whose angle grows evenly with the amount, as GIMP's does."""
        slope = math.tan((self.amount / 100 + 1) * math.pi / 4)
        return (tabulate(lambda value: 127.5 + (value - 127.5) * slope),)


class Exposure(LutFilter):
    summary: ClassVar[str] = "Multiplies the light, as a longer or shorter exposure would have."

    amount: Amount = Field(0, description="50 is one stop, twice the light; -100 is two stops less.")

    def luts(self) -> Luts:
        gain = 2 ** (self.amount / 50)
        return (tabulate(lambda value: from_linear(min(1, to_linear(value) * gain))),)


class Gamma(LutFilter):
    summary: ClassVar[str] = "Lightens or darkens the middle tones; black and white stay."

    gamma: float = Field(
        1, ge=0.1, le=10, json_schema_extra={"unit": "exponent"}, description="1 changes nothing; above it is lighter."
    )

    def luts(self) -> Luts:
        return (tabulate(lambda value: 255 * (value / 255) ** (1 / self.gamma)),)


class Highlights(LutFilter):
    summary: ClassVar[str] = "Lightens or darkens the light parts."

    amount: Amount = Field(0, description="-100 brings back the most, 0 changes nothing, 100 lightens the most.")

    def luts(self) -> Luts:
        """A bump at two thirds; its slope at white is no more than 1, so that no value overtakes another."""
        share = self.amount / 100
        return (tabulate(lambda value: value + share * value**2 * (255 - value) / 255**2),)


class Shadows(LutFilter):
    summary: ClassVar[str] = "Lightens or darkens the dark parts."

    amount: Amount = Field(0, description="-100 darkens the most, 0 changes nothing, 100 lifts the most.")

    def luts(self) -> Luts:
        """The mirror image of highlights: a bump at one third."""
        share = self.amount / 100
        return (tabulate(lambda value: value + share * value * (255 - value) ** 2 / 255**2),)


class Invert(LutFilter):
    summary: ClassVar[str] = "Turns the picture into its negative."

    def luts(self) -> Luts:
        return (tabulate(lambda value: 255 - value),)

    def apply(self, image: Image.Image) -> Image.Image:
        return super().apply(image) if has_alpha(image) else ImageChops.invert(image)  # a third of a table's time
