"""Filters that lighten, darken or invert each value by itself, with one look-up table."""

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
    summary: ClassVar[str] = "Makes the image lighter or darker by the same amount everywhere."

    amount: Amount = Field(0, description="-100 is black, 0 changes nothing, 100 is white.")

    def luts(self) -> Luts:
        return (tabulate(lambda value: value + self.amount * 2.55),)


class Contrast(LutFilter):
    summary: ClassVar[str] = "Moves values away from middle grey, or towards it."

    amount: Amount = Field(0, description="-100 is flat grey, 0 changes nothing, 100 leaves only black and white.")

    def luts(self) -> Luts:
        """Return a straight line through middle grey. Its angle is linear in the amount, as in GIMP."""
        slope = math.tan((self.amount / 100 + 1) * math.pi / 4)
        return (tabulate(lambda value: 127.5 + (value - 127.5) * slope),)


class Exposure(LutFilter):
    summary: ClassVar[str] = "Multiplies linear light, as a longer or shorter exposure does."

    amount: Amount = Field(0, description="50 is one stop more, which doubles the light; -100 is two stops less.")

    def luts(self) -> Luts:
        gain = 2 ** (self.amount / 50)
        return (tabulate(lambda value: from_linear(min(1, to_linear(value) * gain))),)


class Gamma(LutFilter):
    summary: ClassVar[str] = "Lightens or darkens the midtones; black and white stay."

    gamma: float = Field(
        1,
        ge=0.1,
        le=10,
        json_schema_extra={"unit": "exponent"},
        description="1 changes nothing; larger values lighten.",
    )

    def luts(self) -> Luts:
        return (tabulate(lambda value: 255 * (value / 255) ** (1 / self.gamma)),)


class Highlights(LutFilter):
    summary: ClassVar[str] = "Lightens or darkens the light parts of the image."

    amount: Amount = Field(0, description="-100 darkens them most, 0 changes nothing, 100 lightens them most.")

    def luts(self) -> Luts:
        """Return the identity plus a bump at two thirds. The slope is never negative, so values keep their order."""
        share = self.amount / 100
        return (tabulate(lambda value: value + share * value**2 * (255 - value) / 255**2),)


class Shadows(LutFilter):
    summary: ClassVar[str] = "Lightens or darkens the dark parts of the image."

    amount: Amount = Field(0, description="-100 darkens them most, 0 changes nothing, 100 lightens them most.")

    def luts(self) -> Luts:
        """Return the counterpart of highlights: the identity plus a bump at one third."""
        share = self.amount / 100
        return (tabulate(lambda value: value + share * value * (255 - value) ** 2 / 255**2),)


class Invert(LutFilter):
    summary: ClassVar[str] = "Turns the image into its negative."

    def luts(self) -> Luts:
        return (tabulate(lambda value: 255 - value),)

    def apply(self, image: Image.Image) -> Image.Image:
        return super().apply(image) if has_alpha(image) else ImageChops.invert(image)  # in a third of the time of a LUT
