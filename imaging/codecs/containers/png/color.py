"""What the chunks of a PNG say of its colours. PNG 3, section 4.3: cICP, then iCCP, then sRGB, then gAMA and cHRM."""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain

from imaging.codecs.containers.png.chunks import read_before_pixels
from imaging.color_space import BT709, SRGB, SRGB_CURVE, Chromaticities, ColorSpace, Parametric, from_code_points

_UNIT = 100_000  # of gAMA and cHRM
_GAMMAS = range(16, 625_000_000)  # libpng ignores others
_SRGB_GAMMA, _GAMMA_TOLERANCE = 45_455, 0.05  # libpng's threshold, below which it corrects nothing
_PRIMARY_TOLERANCE = 0.001


@dataclass(frozen=True, slots=True)
class PngColor:
    """`space` is None for sRGB. `overrides_profile`: it counts even if the file has an ICC profile."""

    space: ColorSpace | None
    overrides_profile: bool = False


def read_color(data: bytes) -> PngColor:
    """Return what holds by the order of precedence; impossible values do not count."""
    chunks = read_before_pixels(data)
    code_points = chunks.get(b"cICP")
    if code_points and code_points[2] == 0:  # RGB, the only matrix that a PNG may name
        space = from_code_points(code_points[0], code_points[1], is_narrow=not code_points[3])
        return PngColor(None if space == SRGB else space, overrides_profile=True)
    if b"sRGB" in chunks:
        return PngColor(None)
    space = ColorSpace(curves=(_read_gamma(chunks),), primaries=_read_chromaticities(chunks))
    return PngColor(None if space == SRGB else space)


def _read_gamma(chunks: Mapping[bytes, bytes]) -> Parametric:
    value = int.from_bytes(chunks.get(b"gAMA", b""))
    if value not in _GAMMAS:
        return SRGB_CURVE
    is_srgb = abs(value / _SRGB_GAMMA - 1) < _GAMMA_TOLERANCE
    return SRGB_CURVE if is_srgb else Parametric(_UNIT / value)


def _read_chromaticities(chunks: Mapping[bytes, bytes]) -> Chromaticities:
    if b"cHRM" not in chunks:
        return BT709
    values = [value / _UNIT for value in struct.unpack(">8I", chunks[b"cHRM"])]
    found = Chromaticities(*zip(values[::2], values[1::2], strict=True))
    is_srgb = all(abs(one - other) <= _PRIMARY_TOLERANCE for one, other in zip(values, chain(*BT709), strict=True))
    return BT709 if is_srgb or not found.span_colors() else found
