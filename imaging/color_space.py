"""Colour spaces that a file describes by numbers or by an ICC profile of curves and a matrix: plain numbers."""

from dataclasses import dataclass
from typing import Literal, NamedTuple

type Point = tuple[float, float]  # CIE 1931 x and y
type Vector = tuple[float, float, float]
type Hdr = Literal["pq", "hlg"]

_LEAST_AREA = 1e-4  # of the chromaticity diagram

_D65, _C, _DCI, _E = (0.3127, 0.3290), (0.310, 0.316), (0.314, 0.351), (1 / 3, 1 / 3)


class Chromaticities(NamedTuple):
    white: Point
    red: Point
    green: Point
    blue: Point

    def span_colors(self) -> bool:
        """Whether the primaries form a triangle, and white has light."""
        (x1, y1), (x2, y2), (x3, y3) = self[1:]
        return abs((x2 - x1) * (y3 - y1) - (x3 - x1) * (y2 - y1)) > _LEAST_AREA and self.white[1] > 0


@dataclass(frozen=True, slots=True)
class Colorants:
    """Linear red, green and blue as CIE XYZ, adapted to D50: what an ICC profile has."""

    red: Vector
    green: Vector
    blue: Vector


@dataclass(frozen=True, slots=True)
class Parametric:
    """From encoded values to linear light: (a x + b)^g + e from d on, c x + f below. ICC.1:2022, 10.18, type 4."""

    g: float
    a: float = 1
    b: float = 0
    c: float = 0
    d: float = 0
    e: float = 0
    f: float = 0


@dataclass(frozen=True, slots=True)
class Table:
    """From encoded values to linear light, 0..1, between which it is interpolated. ICC.1:2022, 10.6."""

    values: tuple[float, ...]


type Curve = Parametric | Table | Hdr

SRGB_CURVE = Parametric(2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
_BT709_CURVE = Parametric(1 / 0.45, 1 / 1.099, 0.099 / 1.099, 1 / 4.5, 0.081)
BT709 = Chromaticities(_D65, (0.64, 0.33), (0.30, 0.60), (0.15, 0.06))


@dataclass(frozen=True, slots=True, kw_only=True)
class ColorSpace:
    """How encoded RGB or grey becomes light. `curves` are one for all channels, or three."""

    primaries: Chromaticities | Colorants = BT709
    curves: tuple[Curve, ...] = (SRGB_CURVE,)
    is_narrow: bool = False  # whether black is 16 and white 235 of 255

    @property
    def hdr(self) -> Hdr | None:
        curve = self.curves[0]
        return None if isinstance(curve, Parametric | Table) else curve


SRGB = ColorSpace()

# ITU-T H.273, tables 2 and 3. What is missing there is reserved, unspecified or, of the curves, logarithmic.
_PRIMARIES = {
    1: BT709,
    4: Chromaticities(_C, (0.67, 0.33), (0.21, 0.71), (0.14, 0.08)),
    5: Chromaticities(_D65, (0.64, 0.33), (0.29, 0.60), (0.15, 0.06)),
    6: Chromaticities(_D65, (0.630, 0.340), (0.310, 0.595), (0.155, 0.070)),
    7: Chromaticities(_D65, (0.630, 0.340), (0.310, 0.595), (0.155, 0.070)),
    8: Chromaticities(_C, (0.681, 0.319), (0.243, 0.692), (0.145, 0.049)),
    9: Chromaticities(_D65, (0.708, 0.292), (0.170, 0.797), (0.131, 0.046)),
    10: Chromaticities(_E, (1, 0), (0, 1), (0, 0)),
    11: Chromaticities(_DCI, (0.680, 0.320), (0.265, 0.690), (0.150, 0.060)),
    12: Chromaticities(_D65, (0.680, 0.320), (0.265, 0.690), (0.150, 0.060)),
    22: Chromaticities(_D65, (0.630, 0.340), (0.295, 0.605), (0.155, 0.077)),
}
_CURVES: dict[int, Curve] = {
    **dict.fromkeys((1, 6, 11, 12, 14, 15), _BT709_CURVE),
    4: Parametric(2.2),
    5: Parametric(2.8),
    7: Parametric(1 / 0.45, 1 / 1.1115, 0.1115 / 1.1115, 1 / 4, 0.0912),
    8: Parametric(1),
    13: SRGB_CURVE,
    16: "pq",
    17: Parametric(2.6, (52.37 / 48) ** (1 / 2.6)),
    18: "hlg",
}


def from_code_points(primaries: int, transfer: int, *, is_narrow: bool = False) -> ColorSpace:
    """Return the colour space of the code points of ITU-T H.273; those that say nothing stand for sRGB."""
    return ColorSpace(
        primaries=_PRIMARIES.get(primaries, BT709),
        curves=(_CURVES.get(transfer, SRGB_CURVE),),
        is_narrow=is_narrow,
    )
