"""ICC profiles that consist of curves and a matrix, for samples of 16 bits. ICC.1:2022, sections 7, 9 and 10."""

import struct
from collections.abc import Mapping

from imaging.color_space import Colorants, ColorSpace, Curve, Parametric, Table, Vector

_TAGS_AT, _SPACE, _CONNECTION = 128, slice(16, 20), slice(20, 24)
_MOST_TAGS = 100
_LOOKUPS = {b"A2B0", b"A2B1", b"D2B0", b"D2B1"}  # which count before curves and a matrix
_COLORANTS, _CURVES = (b"rXYZ", b"gXYZ", b"bXYZ"), {b"RGB ": (b"rTRC", b"gTRC", b"bTRC"), b"GRAY": (b"kTRC",)}
_FIXED = 65536  # s15Fixed16Number
# Which of g, a, b, c, d, e, f a curve of each type has: 10.18.
_PARAMETERS = {0: "g", 1: "gab", 2: "gabc", 3: "gabcd", 4: "gabcdef"}


def read_profile(profile: bytes, mode: str) -> ColorSpace | None:
    """Return the colours of an RGB profile for mode RGB or RGBA, or of a grey one for L or LA.

    None for other profiles, for those with tables of more than one dimension, and for broken ones.
    """
    names = _CURVES.get(profile[_SPACE], ())
    if len(names) != (3 if mode in {"RGB", "RGBA"} else 1) or profile[_CONNECTION] != b"XYZ ":
        return None
    try:
        tags = _read_tags(profile)
        if _LOOKUPS & tags.keys():
            return None
        curves = tuple(_read_curve(tags[name]) for name in names)
        return (
            ColorSpace(curves=curves, primaries=_read_colorants(tags)) if len(names) > 1 else ColorSpace(curves=curves)
        )
    except (struct.error, KeyError, ValueError, OverflowError):
        return None


def read_code_points(profile: bytes) -> tuple[int, int] | None:
    """Return the colour primaries and transfer characteristics (ITU-T H.273) of tag `cicp`: ICC.1:2022, 9.2.17."""
    try:
        return struct.unpack_from("BB", _read_tags(profile)[b"cicp"], 8)
    except (struct.error, KeyError):
        return None


def _read_tags(profile: bytes) -> Mapping[bytes, bytes]:
    (count,) = struct.unpack_from(">I", profile, _TAGS_AT)
    entries = [
        struct.unpack_from(">4sII", profile, _TAGS_AT + 4 + 12 * index) for index in range(min(count, _MOST_TAGS))
    ]
    return {name: profile[start : start + length] for name, start, length in entries}


def _read_colorants(tags: Mapping[bytes, bytes]) -> Colorants:
    red, green, blue = (_read_xyz(tags[name]) for name in _COLORANTS)
    return Colorants(red, green, blue)


def _read_xyz(tag: bytes) -> Vector:
    x, y, z = struct.unpack_from(">3i", tag, 8)
    return x / _FIXED, y / _FIXED, z / _FIXED


def _read_curve(tag: bytes) -> Curve:
    """Raises ValueError for a type that is not in the specification."""
    if tag[:4] == b"curv":
        return _read_table(tag)
    kind = struct.unpack_from(">H", tag, 8)[0]
    if tag[:4] != b"para" or kind not in _PARAMETERS:
        raise ValueError
    names = _PARAMETERS[kind]
    values = dict(zip(names, (value / _FIXED for value in struct.unpack_from(f">{len(names)}i", tag, 12)), strict=True))
    if kind in {1, 2}:  # they name no place where the power begins, and an offset differently
        values["d"] = -values["b"] / values["a"] if values["a"] else 0
        values["e"] = values["f"] = values.pop("c", 0)
    return Parametric(**values)


def _read_table(tag: bytes) -> Curve:
    (count,) = struct.unpack_from(">I", tag, 8)
    values = struct.unpack_from(f">{min(count, len(tag))}H", tag, 12)
    if count <= 1:
        return Parametric(values[0] / 256 if values else 1)
    return Table(tuple(value / 65535 for value in values))
