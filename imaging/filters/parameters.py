"""Types of parameters that several filters share. A field adds its default and description."""

import re
from fractions import Fraction
from functools import partial
from typing import Annotated

from pydantic import AfterValidator, Field, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from imaging.filters.pixels import Pixels

Amount = Annotated[float, Field(ge=-100, le=100, json_schema_extra={"unit": "%"})]
Strength = Annotated[float, Field(ge=0, le=100, json_schema_extra={"unit": "%"})]
Angle = Annotated[float, Field(ge=-360, le=360, json_schema_extra={"unit": "°"})]
Level = Annotated[int, Field(ge=0, le=255, json_schema_extra={"unit": "level"})]
Sigma = Annotated[float, Field(ge=0.3, le=250), Pixels("fraction")]
Seed = Annotated[int, Field(ge=0, le=2**31 - 1, json_schema_extra={"unit": "number"})]
OptionalPixels = Annotated[Annotated[int, Field(ge=1, le=16_384)] | None, Pixels(least=1)]

_PERCENT = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,6})?)%")
_ASPECT = re.compile(r"([0-9]{1,5}(?:\.[0-9]{1,4})?):([0-9]{1,5}(?:\.[0-9]{1,4})?)")
_MOST_PIXELS = 1_000_000
_WHOLE = 100

# How much of the free space goes to the left of and above what is placed.
GRAVITY = {
    "northwest": (0.0, 0.0),
    "north": (0.5, 0.0),
    "northeast": (1.0, 0.0),
    "west": (0.0, 0.5),
    "center": (0.5, 0.5),
    "east": (1.0, 0.5),
    "southwest": (0.0, 1.0),
    "south": (0.5, 1.0),
    "southeast": (1.0, 1.0),
}


def _check_length(value: object, *, least: int) -> int | str:
    if type(value) is int and least <= value <= _MOST_PIXELS:
        return value
    percent = _PERCENT.fullmatch(value) if isinstance(value, str) else None
    if percent and (_WHOLE >= Fraction(percent[1]) > 0 or (least == 0 and not Fraction(percent[1]))):
        return percent[0]
    message = 'must be a whole number of pixels from {least} to {most}, or a percentage such as "50%"'
    raise PydanticCustomError("length", message, {"least": least, "most": _MOST_PIXELS})


def _check_aspect(text: str) -> str:
    sides = _ASPECT.fullmatch(text)
    if not sides or not all(Fraction(side) for side in sides.groups()):
        raise PydanticCustomError("aspect", "must be width:height, such as 16:9")
    return text


def _lengths(least: int) -> WithJsonSchema:
    pixels = {"type": "integer", "minimum": least, "maximum": _MOST_PIXELS}
    return WithJsonSchema({"anyOf": [pixels, {"type": "string", "pattern": f"^{_PERCENT.pattern}$"}]})


Length = Annotated[int | str, PlainValidator(partial(_check_length, least=0)), _lengths(0)]
Offset = Annotated[Length | None, Pixels("fraction", unit="px or %")]
Extent = Annotated[
    Annotated[int | str, PlainValidator(partial(_check_length, least=1)), _lengths(1)] | None,
    Pixels("fraction", unit="px or %"),
]
Aspect = Annotated[
    Annotated[str, AfterValidator(_check_aspect), Field(json_schema_extra={"pattern": f"^{_ASPECT.pattern}$"})] | None,
    Field(json_schema_extra={"unit": "width:height"}),
]


def _check_odd(size: int) -> int:
    if size % 2 == 0:
        raise PydanticCustomError("odd", "must be odd, such as 3 or 5")
    return size


Side = Annotated[
    int,
    Field(ge=1, le=31, json_schema_extra={"not": {"multipleOf": 2}}),
    AfterValidator(_check_odd),
    Pixels("odd", least=1),
]


def to_pixels(length: float | str, whole: int) -> float:
    """Convert a length in pixels or per cent of `whole` to pixels; a fraction of them in previews only."""
    return round(Fraction(length.removesuffix("%")) * whole / _WHOLE) if isinstance(length, str) else length
