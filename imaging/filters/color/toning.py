"""Filters that give a picture other colours, by its luma or like a layer of glaze."""

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
    summary: ClassVar[str] = "Leaves the shades of one colour, as seen through coloured glass."

    color: OpaqueColor = Field("steelblue", description="What white becomes.")
    intensity: Strength = Field(100, description="0 changes nothing, 100 leaves shades of the colour only.")

    def color_transform(self) -> ColorTransform:
        shares = [value / 255 for value in rgba(self.color)[:3]]
        if self.intensity == _ALL:
            return ColorTransform(matrix=(LUMA_601,), luts=tabulate_gains(*shares))
        red, green, blue = map(_luma_times, shares)
        return ColorTransform(matrix=blend_with_identity((red, green, blue), self.intensity / 100))


class Duotone(ColorFilter):
    summary: ClassVar[str] = "Prints the picture in two colours, one for its shadows and one for its lights."

    shadow: OpaqueColor = Field("midnightblue", description="What black becomes.")
    highlight: OpaqueColor = Field("moccasin", description="What white becomes.")

    def color_transform(self) -> ColorTransform:
        return _map_luma(((0, self.shadow), (_ALL, self.highlight)))


class Tritone(ColorFilter):
    summary: ClassVar[str] = "Prints the picture in three colours: for shadows, middle tones and lights."

    shadow: OpaqueColor = Field("#1d1135", description="What black becomes.")
    midtone: OpaqueColor = Field("#c4506a", description="What the middle grey becomes.")
    highlight: OpaqueColor = Field("#ffe9b8", description="What white becomes.")

    def color_transform(self) -> ColorTransform:
        return _map_luma(((0, self.shadow), (_ALL / 2, self.midtone), (_ALL, self.highlight)))


class GradientMap(ColorFilter):
    summary: ClassVar[str] = "Replaces each luma by the colour at its place in a gradient."

    stops: Stops = Field(
        ((0, "#00224e"), (50, "#7d7c78"), (100, "#fee838")), description="Places in the gradient and their colours."
    )

    @model_validator(mode="after")
    def _check_stops(self) -> Self:
        if len({place for place, _ in self.stops}) < len(self.stops):
            raise PydanticCustomError("two_colors", "may give one colour for each place")
        return self

    def color_transform(self) -> ColorTransform:
        return _map_luma(self.stops)


class Colorize(LutFilter):
    summary: ClassVar[str] = "Lays one colour over the picture, like a glaze."

    color: OpaqueColor = Field("orange", description="The colour of the glaze.")
    amount: Strength = Field(40, description="0 changes nothing, 100 hides the picture.")

    def luts(self) -> Luts:
        if self.amount == 0:
            return (IDENTITY_LUT,)
        share = self.amount / 100
        mixtures = ((lambda value, ink=ink: value + (ink - value) * share) for ink in rgba(self.color)[:3])
        red, green, blue = map(tabulate, mixtures)
        return red, green, blue


def _luma_times(factor: float) -> Row:
    red, green, blue = LUMA_601
    return red * factor, green * factor, blue * factor


def _map_luma(stops: tuple[tuple[float, str], ...]) -> ColorTransform:
    """Along a gradient; flat before its first stop and after its last."""
    knots = [(place * 2.55, rgba(color)) for place, color in sorted(stops)]
    red, green, blue = (tabulate(partial(_between, [(at, ink[band]) for at, ink in knots])) for band in range(3))
    return ColorTransform(matrix=(LUMA_601,), luts=(red, green, blue))


def _between(knots: list[tuple[float, int]], value: int) -> float:
    """Along straight lines from knot to knot."""
    value_at = max(knots[0][0], min(knots[-1][0], value))
    for (left, low), (right, high) in pairwise(knots):
        if value_at <= right:
            return low + (high - low) * (value_at - left) / (right - left)
    return knots[-1][1]
