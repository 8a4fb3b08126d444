"""Filters that map values along a line or a curve that the user defines."""

import math
from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from imaging.filters.color_transform import LutFilter
from imaging.filters.luts import Luts, compose_luts, interpolate_curve, tabulate
from imaging.filters.parameters import Level

Coordinate = Annotated[int, Field(ge=0, le=255)]
Point = Annotated[tuple[Coordinate, Coordinate], Field(strict=False)]
Points = Annotated[
    tuple[Point, ...],
    Field(strict=False, min_length=2, max_length=16, json_schema_extra={"unit": "[level in, level out]"}),
]
_STRAIGHT = ((0, 0), (255, 255))


class Levels(LutFilter):
    summary: ClassVar[str] = "Maps one range of values to another, with a gamma."

    in_black: Level = Field(0, description="Values up to this one become out_black.")
    in_white: Level = Field(255, description="Values from this one on become out_white.")
    gamma: float = Field(
        1,
        ge=0.1,
        le=10,
        json_schema_extra={"unit": "exponent"},
        description="1 changes nothing; larger values lighten the midtones.",
    )
    out_black: Level = Field(0, description="Value that black becomes.")
    out_white: Level = Field(255, description="Value that white becomes. Below out_black, the image is inverted.")

    @model_validator(mode="after")
    def _check_range(self) -> Self:
        if self.in_black >= self.in_white:
            raise PydanticCustomError("empty_range", "needs an in_black that is less than in_white")
        return self

    def luts(self) -> Luts:
        return (tabulate(self._level),)

    def _level(self, value: int) -> float:
        share = max(0.0, min(1.0, (value - self.in_black) / (self.in_white - self.in_black)))
        return self.out_black + (self.out_white - self.out_black) * math.pow(share, 1 / self.gamma)


class Curves(LutFilter):
    summary: ClassVar[str] = "Maps values along smooth curves through the given points."

    rgb: Points = Field(_STRAIGHT, description="Curve for all channels, applied before those of single channels.")
    red: Points = Field(_STRAIGHT, description="Curve for red.")
    green: Points = Field(_STRAIGHT, description="Curve for green.")
    blue: Points = Field(_STRAIGHT, description="Curve for blue.")

    @model_validator(mode="after")
    def _check_points(self) -> Self:
        for points in (self.rgb, self.red, self.green, self.blue):
            if len({across for across, _ in points}) < len(points):
                raise PydanticCustomError(
                    "two_levels", "has two points with the same input level; give each input level once"
                )
        return self

    def luts(self) -> Luts:
        shared = interpolate_curve(self.rgb)
        if self.red == self.green == self.blue == _STRAIGHT:
            return (shared,)
        red, green, blue = (interpolate_curve(points) for points in (self.red, self.green, self.blue))
        return compose_luts((shared,), (red, green, blue))


class Linear(LutFilter):
    summary: ClassVar[str] = "Multiplies every value by a, then adds b."

    a: float = Field(1, ge=-10, le=10, json_schema_extra={"unit": "factor"}, description="1 changes nothing.")
    b: float = Field(0, ge=-2550, le=2550, json_schema_extra={"unit": "level"}, description="0 changes nothing.")

    def luts(self) -> Luts:
        return (tabulate(lambda value: self.a * value + self.b),)
