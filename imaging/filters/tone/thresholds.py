"""Filters that leave only some values, or turn some round."""

from typing import ClassVar

from pydantic import Field

from imaging.filters.color_transform import LUMA_601, ColorFilter, ColorTransform, LutFilter
from imaging.filters.luts import Luts, tabulate
from imaging.filters.parameters import Level

_WHITE = 255


class Threshold(ColorFilter):
    summary: ClassVar[str] = "Leaves black and white only."

    threshold: Level = Field(128, description="Luma from here on is white.")

    def color_transform(self) -> ColorTransform:
        return ColorTransform(matrix=(LUMA_601,), luts=(tabulate(lambda value: _WHITE * (value >= self.threshold)),))


class Posterize(LutFilter):
    summary: ClassVar[str] = "Leaves a few values a channel, as a poster has few inks."

    bits: int = Field(4, ge=1, le=8, json_schema_extra={"unit": "bit"}, description="2 to this power values are left.")

    def luts(self) -> Luts:
        return (tabulate(lambda value: value & (_WHITE << (8 - self.bits))),)


class Solarize(LutFilter):
    summary: ClassVar[str] = "Turns everything brighter than a threshold into its negative."

    threshold: Level = Field(128, description="Values from here on are inverted.")

    def luts(self) -> Luts:
        return (tabulate(lambda value: _WHITE - value if value >= self.threshold else value),)
