"""Filters that scale, shift or mix the channels."""

from typing import Annotated, ClassVar, Literal

from PIL import Image
from pydantic import Field

from imaging.filters.alpha import keeping_alpha
from imaging.filters.color_transform import IDENTITY, LutFilter, Matrix3, MatrixFilter
from imaging.filters.luts import LookupTable, Luts, tabulate, tabulate_gains
from imaging.filters.parameters import Amount

_MOST_GAIN = 0.25
Weight = Annotated[float, Field(ge=-10, le=10)]
Weights = Annotated[tuple[Weight, Weight, Weight], Field(strict=False)]


class Lightness(LutFilter):
    summary: ClassVar[str] = "Moves all colours towards white or black."

    amount: Amount = Field(0, description="-100 is black, 0 changes nothing, 100 is white.")

    def luts(self) -> Luts:
        share, end = abs(self.amount) / 100, 255 if self.amount > 0 else 0
        return (tabulate(lambda value: value + (end - value) * share),)


class Temperature(LutFilter):
    summary: ClassVar[str] = "Makes the colours warmer or cooler."

    amount: Amount = Field(0, description="-100 is the most blue, 0 changes nothing, 100 is the most orange.")

    def luts(self) -> Luts:
        return _scale_channels(self.amount, 0, -self.amount)


class Tint(LutFilter):
    summary: ClassVar[str] = "Shifts the colours towards magenta or green."

    amount: Amount = Field(0, description="-100 is the most green, 0 changes nothing, 100 is the most magenta.")

    def luts(self) -> Luts:
        return _scale_channels(0, -self.amount, 0)


class Rgb(LutFilter):
    summary: ClassVar[str] = "Adds to red, green and blue separately."

    r: Amount = Field(0, description="Amount for red: -100 removes it, 0 changes nothing, 100 makes it full.")
    g: Amount = Field(0, description="Amount for green, as for red.")
    b: Amount = Field(0, description="Amount for blue, as for red.")

    def luts(self) -> Luts:
        if self.r == self.g == self.b:
            return (_shift(self.r),)
        return _shift(self.r), _shift(self.g), _shift(self.b)


class ColorMatrix(MatrixFilter):
    summary: ClassVar[str] = "Makes each channel a weighted sum of all three."

    matrix: Annotated[
        tuple[Weights, Weights, Weights], Field(strict=False, json_schema_extra={"unit": "[of red, of green, of blue]"})
    ] = Field(IDENTITY, description="Three rows of weights, for the new red, green and blue.")

    def color_matrix(self) -> Matrix3:
        return self.matrix


class SwapChannels(MatrixFilter):
    summary: ClassVar[str] = "Reorders the channels."

    order: Literal["rbg", "grb", "gbr", "brg", "bgr"] = Field(
        "bgr", description="Channels that become the new red, green and blue."
    )

    def color_matrix(self) -> Matrix3:
        red, green, blue = (IDENTITY["rgb".index(band)] for band in self.order)
        return red, green, blue

    def apply(self, image: Image.Image) -> Image.Image:
        """Move bands, in half the time of a matrix."""
        return image if image.mode in {"L", "LA"} else keeping_alpha(image, self._reorder)

    def _reorder(self, image: Image.Image) -> Image.Image:
        return Image.merge("RGB", [image.getchannel(band.upper()) for band in self.order])


def _shift(amount: float) -> LookupTable:
    return tabulate(lambda value: value + amount * 2.55)


def _scale_channels(*amounts: float) -> Luts:
    """Return LUTs that multiply red, green and blue by 0.75 (-100) to 1.25 (100)."""
    red, green, blue = (1 + amount / 100 * _MOST_GAIN for amount in amounts)
    return tabulate_gains(red, green, blue)
