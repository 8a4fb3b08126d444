"""Filters that tone the image: by its luma, or by blending in one colour."""

from functools import partial
from itertools import pairwise
from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from imaging.colors import OpaqueColor, rgba
from imaging.filters.color_transform import LUMA_601, ColorFilter, ColorTransform, LutFilter, Row, blend_with_identity
from imaging.filters.luts import IDENTITY_LUT, Luts, tabulate, tabulate_gains
from imaging.filters.parameters import Strength

_ALL = 100
Percent = Annotated[float, Field(ge=0, le=100)]
Stop = Annotated[tuple[Percent, OpaqueColor], Field(strict=False)]
Stops = Annotated[
    tuple[Stop, ...], Field(strict=False, min_length=2, max_length=16, json_schema_extra={"unit": "[%, color]"})
]


class Monochrome(ColorFilter):
    summary: ClassVar[str] = "Leaves only shades of one colour."

    color: OpaqueColor = Field("steelblue", description="Colour that white becomes.")
    intensity: Strength = Field(100, description="0 changes nothing, 100 leaves only shades of the colour.")

    def color_transform(self) -> ColorTransform:
        shares = [value / 255 for value in rgba(self.color)[:3]]
        if self.intensity == _ALL:
            return ColorTransform(matrix=(LUMA_601,), luts=tabulate_gains(*shares))
        red, green, blue = map(_scale_luma, shares)
        return ColorTransform(matrix=blend_with_identity((red, green, blue), self.intensity / 100))


class Duotone(ColorFilter):
    summary: ClassVar[str] = "Maps the image to two colours: one for shadows, one for highlights."

    shadow: OpaqueColor = Field("midnightblue", description="Colour that black becomes.")
    highlight: OpaqueColor = Field("moccasin", description="Colour that white becomes.")

    def color_transform(self) -> ColorTransform:
        return _map_luma(((0, self.shadow), (_ALL, self.highlight)))


class Tritone(ColorFilter):
    summary: ClassVar[str] = "Maps the image to three colours: for shadows, midtones and highlights."

    shadow: OpaqueColor = Field("#1d1135", description="Colour that black becomes.")
    midtone: OpaqueColor = Field("#c4506a", description="Colour that middle grey becomes.")
    highlight: OpaqueColor = Field("#ffe9b8", description="Colour that white becomes.")

    def color_transform(self) -> ColorTransform:
        return _map_luma(((0, self.shadow), (_ALL / 2, self.midtone), (_ALL, self.highlight)))


class GradientMap(ColorFilter):
    summary: ClassVar[str] = "Maps luma to the colours of a gradient."

    stops: Stops = Field(
        ((0, "#00224e"), (50, "#7d7c78"), (100, "#fee838")), description="Positions in the gradient and their colours."
    )

    @model_validator(mode="after")
    def _check_stops(self) -> Self:
        if len({place for place, _ in self.stops}) < len(self.stops):
            raise PydanticCustomError("two_colors", "has two stops at the same position; give each position once")
        return self

    def color_transform(self) -> ColorTransform:
        return _map_luma(self.stops)


class Colorize(LutFilter):
    summary: ClassVar[str] = "Blends one colour over the whole image."

    color: OpaqueColor = Field("orange", description="Colour to blend in.")
    amount: Strength = Field(40, description="0 changes nothing, 100 hides the image.")

    def luts(self) -> Luts:
        if self.amount == 0:
            return (IDENTITY_LUT,)
        share = self.amount / 100
        mixtures = ((lambda value, target=target: value + (target - value) * share) for target in rgba(self.color)[:3])
        red, green, blue = map(tabulate, mixtures)
        return red, green, blue


def _scale_luma(factor: float) -> Row:
    red, green, blue = LUMA_601
    return red * factor, green * factor, blue * factor


def _map_luma(stops: tuple[tuple[float, str], ...]) -> ColorTransform:
    """Return the transform of luma to a gradient, constant before its first stop and after its last."""
    knots = [(place * 2.55, rgba(color)) for place, color in sorted(stops)]
    red, green, blue = (
        tabulate(partial(_interpolate, [(at, color[band]) for at, color in knots])) for band in range(3)
    )
    return ColorTransform(matrix=(LUMA_601,), luts=(red, green, blue))


def _interpolate(knots: list[tuple[float, int]], value: int) -> float:
    """Interpolate linearly between knots."""
    value_at = max(knots[0][0], min(knots[-1][0], value))
    for (left, low), (right, high) in pairwise(knots):
        if value_at <= right:
            return low + (high - low) * (value_at - left) / (right - left)
    return knots[-1][1]
