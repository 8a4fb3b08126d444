"""Filters that depend on thresholds: they leave few values, or invert some."""

from typing import ClassVar

from pydantic import Field

from imaging.filters.color_transform import LUMA_601, ColorFilter, ColorTransform, LutFilter
from imaging.filters.luts import Luts, tabulate
from imaging.filters.parameters import Level

_WHITE = 255


class Threshold(ColorFilter):
    summary: ClassVar[str] = "Leaves only black and white."
    preview_note: ClassVar[str] = "A preview chooses among the mean colours of several pixels."

    threshold: Level = Field(128, description="Luma from this level on becomes white.")

    def color_transform(self) -> ColorTransform:
        return ColorTransform(matrix=(LUMA_601,), luts=(tabulate(lambda value: _WHITE * (value >= self.threshold)),))


class Posterize(LutFilter):
    summary: ClassVar[str] = "Reduces each channel to a few values."

    bits: int = Field(
        4,
        ge=1,
        le=8,
        json_schema_extra={"unit": "bit"},
        description="Bits that are kept of each channel: 4 leave 16 values.",
    )

    def luts(self) -> Luts:
        return (tabulate(lambda value: value & (_WHITE << (8 - self.bits))),)


class Solarize(LutFilter):
    summary: ClassVar[str] = "Inverts all values from a threshold on."

    threshold: Level = Field(128, description="Values from this level on are inverted.")

    def luts(self) -> Luts:
        return (tabulate(lambda value: _WHITE - value if value >= self.threshold else value),)
