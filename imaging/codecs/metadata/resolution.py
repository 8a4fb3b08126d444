"""Pixels an inch: read from JFIF, pHYs, TIFF, BMP or EXIF, whichever a file has."""

import math
import struct
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from PIL import ExifTags, Image

from imaging.codecs.metadata.fields import Changes, MetadataRequest, Resolution

_X, _Y, _UNIT = ExifTags.Base.XResolution, ExifTags.Base.YResolution, ExifTags.Base.ResolutionUnit
_INCH = 2
_PER_INCH = {_INCH: 1.0, 3: 2.54}  # by unit of TIFF and EXIF, of which 1 is none
_INCH_METERS = 0.0254
_BMP_AT, _BMP_HEADER_AT, _BMP_HEADER_BYTES = 38, 14, 40
_MOST_DPI = 65_535  # of JFIF
_METER_ROUNDING = 0.013  # half a pixel a metre: 11,811 stand for 300 an inch


def select_resolution(
    file: Image.Image, data: bytes, exif: Mapping[int, Any], request: MetadataRequest, changes: Changes
) -> Resolution | None:
    """The resolution that is stated, or kept from the source; None for neither.

    A resize keeps it, as it says how large pixels are printed. Across and down change places with rows and columns.
    """
    if request.statement.dpi:
        return request.statement.dpi, request.statement.dpi
    found = read_resolution(file, data, exif) if request.keeps_all else None
    return found[::-1] if found and changes.geometry.is_transposed else found


def read_resolution(file: Image.Image, data: bytes, exif: Mapping[int, Any]) -> Resolution | None:
    """What the format itself has, else what EXIF says; None for an aspect ratio alone, and for what makes no sense."""
    for read in (_read_own, _read_exif):
        with suppress(Exception):
            if found := read(file, data, exif):
                return found
    return None


def _read_own(file: Any, data: bytes, _exif: Mapping[int, Any]) -> Resolution | None:  # noqa: ANN401 - any plug-in's
    match file.format:
        case "JPEG" | "MPO":
            unit = {1: 1.0, 2: 2.54}[file.info["jfif_unit"]]
            return _check(*(value * unit for value in file.info["jfif_density"]))
        case "PNG":
            return _check(*file.info["dpi"])
        case "TIFF":
            return _from_tags(file.tag_v2)
        case "BMP" if struct.unpack_from("<I", data, _BMP_HEADER_AT)[0] >= _BMP_HEADER_BYTES:
            return _check(*(each * _INCH_METERS for each in struct.unpack_from("<ii", data, _BMP_AT)))
    return None


def _read_exif(_file: Image.Image, _data: bytes, exif: Mapping[int, Any]) -> Resolution | None:
    return _from_tags(exif)


def _from_tags(tags: Mapping[int, Any]) -> Resolution | None:
    factor = _PER_INCH[tags.get(_UNIT, _INCH)]
    return _check(float(tags[_X]) * factor, float(tags.get(_Y, tags[_X])) * factor)


def _check(across: float, down: float) -> Resolution | None:
    if not all(math.isfinite(each) and 1 <= each <= _MOST_DPI for each in (across, down)):
        return None
    return _round(across), _round(down)


def _round(dpi: float) -> float:
    """Whole, if it is within what pixels a metre can say."""
    return float(round(dpi)) if abs(dpi - round(dpi)) < _METER_ROUNDING else round(dpi, 3)
