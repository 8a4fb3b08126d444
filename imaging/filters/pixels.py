"""Declares which parameters are in pixels, so that a step can be applied to a smaller copy of its image."""

import math
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

UNIT = "px"


@dataclass(frozen=True, slots=True)
class Pixels:
    """Metadata of a parameter whose numbers, also those in tuples, are pixels; strings such as "50%" are not.

    `rounds_to`: what a scaled number becomes. `least`: the smallest one that the filter accepts. `unit`: as the
    catalogue names it.
    """

    rounds_to: Literal["fraction", "whole", "odd"] = "whole"
    least: float = 0
    unit: str = UNIT

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {**handler(schema), "unit": self.unit}

    def scale(self, value: Any, factor: float) -> Any:  # noqa: ANN401 - a number, None, a string, or a tuple of them
        """Return `value` for an image whose sides are `factor` times as long."""
        if isinstance(value, tuple):
            return tuple(self.scale(each, factor) for each in value)
        return max(self.least, self._round(value * factor)) if isinstance(value, int | float) else value

    def _round(self, value: float) -> float:
        match self.rounds_to:
            case "fraction":
                return value
            case "whole":
                return math.floor(value + 0.5)
            case "odd":
                return 2 * math.floor(value / 2) + 1
