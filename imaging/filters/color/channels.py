"""Filters that weigh, shift or mix the channels."""

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
    summary: ClassVar[str] = "Moves every colour towards white or black."

    amount: Amount = Field(0, description="-100 is black, 0 changes nothing, 100 is white.")

    def luts(self) -> Luts:
        share, end = abs(self.amount) / 100, 255 if self.amount > 0 else 0
        return (tabulate(lambda value: value + (end - value) * share),)


class Temperature(LutFilter):
    summary: ClassVar[str] = "Makes the light warmer or colder."

    amount: Amount = Field(0, description="-100 is bluest, 0 changes nothing, 100 is most orange.")

    def luts(self) -> Luts:
        return _weighed(self.amount, 0, -self.amount)


class Tint(LutFilter):
    summary: ClassVar[str] = "Shifts the colours towards magenta or green, as lamps do."

    amount: Amount = Field(0, description="-100 is greenest, 0 changes nothing, 100 is most magenta.")

    def luts(self) -> Luts:
        return _weighed(0, -self.amount, 0)


class Rgb(LutFilter):
    summary: ClassVar[str] = "Adds to red, green and blue, each by itself."

    r: Amount = Field(0, description="For red: -100 takes it out, 0 changes nothing, 100 fills it.")
    g: Amount = Field(0, description="The same for green.")
    b: Amount = Field(0, description="The same for blue.")

    def luts(self) -> Luts:
        if self.r == self.g == self.b:
            return (_shifted(self.r),)
        return _shifted(self.r), _shifted(self.g), _shifted(self.b)


class ColorMatrix(MatrixFilter):
    summary: ClassVar[str] = "Makes each channel a mixture of all three."

    matrix: Annotated[
        tuple[Weights, Weights, Weights], Field(strict=False, json_schema_extra={"unit": "[of red, of green, of blue]"})
    ] = Field(IDENTITY, description="Three rows: what red, green and blue are made of.")

    def color_matrix(self) -> Matrix3:
        return self.matrix


class SwapChannels(MatrixFilter):
    summary: ClassVar[str] = "Puts the channels into another order."

    order: Literal["rbg", "grb", "gbr", "brg", "bgr"] = Field(
        "bgr", description="Which channels red, green and blue are taken from."
    )

    def color_matrix(self) -> Matrix3:
        red, green, blue = (IDENTITY["rgb".index(band)] for band in self.order)
        return red, green, blue

    def apply(self, image: Image.Image) -> Image.Image:
        """Moves bands, in half of the time of a mixture."""
        return image if image.mode in {"L", "LA"} else keeping_alpha(image, self._change)

    def _change(self, image: Image.Image) -> Image.Image:
        return Image.merge("RGB", [image.getchannel(band.upper()) for band in self.order])


def _shifted(amount: float) -> LookupTable:
    return tabulate(lambda value: value + amount * 2.55)


def _weighed(*amounts: float) -> Luts:
    """Multiply red, green and blue by up to a quarter more or less."""
    red, green, blue = (1 + amount / 100 * _MOST_GAIN for amount in amounts)
    return tabulate_gains(red, green, blue)
