"""Converts colours of 8 or 16 bits a sample to sRGB."""

from collections.abc import Callable, Iterator
from functools import partial
from itertools import cycle, islice

import cv2
import numpy as np
from PIL import Image

from imaging.color_space import SRGB, Chromaticities, Colorants, ColorSpace, Curve, Hdr, Parametric, Table
from imaging.memory import PIXELS_AT_ONCE
from imaging.native.arrays import Pixels, apply_in_bands
from imaging.native.tone_mapping import REFERENCE_WHITE, hlg_to_linear, pq_to_linear, to_display

_PIXELS_AT_ONCE = PIXELS_AT_ONCE // 64  # some 40 bytes each while they are converted
_BYTE, _WORD = 255, 65535
# Bradford's cone responses, and D50 as in ICC.1:2022, annex E and 7.2.16.
_BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
_D50 = np.array([0.9642, 1.0, 0.8249])


def convert_to_srgb(image: Image.Image, space: ColorSpace) -> Image.Image:
    """Return the image, in mode L, LA, RGB or RGBA, in sRGB and in the same mode. Alpha stays as it is."""
    return apply_in_bands(image, lambda pixels: convert_samples(pixels, space), reach=0)


def convert_samples(pixels: Pixels, space: ColorSpace) -> Pixels:
    """Return samples of 8 or 16 bits, with alpha or without, as sRGB of 8 bits. Grey has no primaries."""
    source = pixels[:, :, np.newaxis] if pixels.ndim == 2 else pixels  # noqa: PLR2004 - no bands
    bands = source.shape[2]
    colors = bands - 1 + bands % 2
    convert = _converter(space, own=int(np.iinfo(source.dtype).max), colors=colors)
    converted = np.empty(source.shape, np.uint8)
    for rows in _bands(source.shape):
        part = np.ascontiguousarray(source[rows, :, :colors])
        converted[rows, :, :colors] = convert(part).reshape(part.shape)
        if colors < bands:
            converted[rows, :, colors:] = round_samples(source[rows, :, colors:])
    return converted.reshape(pixels.shape)


def _converter(space: ColorSpace, *, own: int, colors: int) -> Callable[[Pixels], Pixels]:
    """Return what converts the colours of some rows; `own` is the white of the file."""
    tables = np.stack([_tabulate(curve, own, space) for curve in islice(cycle(space.curves), colors)], axis=1)
    matrix = _to_srgb_matrix(space.primaries) if colors > 1 else np.eye(1, dtype=np.float32)
    if not space.hdr:
        words = (np.clip(tables, 0, 1) * _WORD + 0.5).astype(np.uint16)[np.newaxis]
        return lambda part: cv2.LUT(cv2.transform(cv2.LUT(part, words), matrix), _ENCODED)
    return partial(_convert_hdr, tables=tables[np.newaxis], matrix=matrix, hdr=space.hdr)


def _convert_hdr(part: Pixels, *, tables: Pixels, matrix: Pixels, hdr: Hdr) -> Pixels:
    light = cv2.LUT(part, tables).reshape(part.shape)
    return encode_srgb(cv2.transform(to_display(light, hdr), matrix))


def round_samples(samples: Pixels) -> Pixels:
    """Return samples of 8 or 16 bits as bytes."""
    if samples.dtype == np.uint8:
        return samples
    return np.asarray(((samples.astype(np.uint32) * (2 * _BYTE) + _WORD) // (2 * _WORD)).astype(np.uint8))


def convert_lab(pixels: Pixels, *, bits: int) -> Pixels:
    """Return CIE L*a*b* under D50, of 8 or 16 bits that were scaled to 16, as sRGB of 8 bits; alpha may follow.

    CIE 15:2004, 8.2.1. L* has no sign; a* and b* do, and a byte of them has whole numbers: TIFF 6.0, section 23.
    """
    converted = np.empty(pixels.shape, np.uint8)
    matrix = np.asarray(np.linalg.inv(_to_xyz(SRGB.primaries)), np.float32)
    for rows in _bands(pixels.shape):
        part = pixels[rows]
        signed = (part[:, :, 1:3] >> (16 - bits)).astype(np.int8 if bits == 8 else np.int16)  # noqa: PLR2004
        lightness, shift = part[:, :, 0] * (100 / _WORD), signed / 2 ** (bits - 8)
        y = (lightness + 16) / 116
        roots = np.stack([y + shift[:, :, 0] / 500, y, y - shift[:, :, 1] / 200], axis=2)
        xyz = np.where(roots > 6 / 29, roots**3, 3 * (6 / 29) ** 2 * (roots - 4 / 29)) * _D50
        converted[rows, :, :3] = encode_srgb(cv2.transform(xyz.astype(np.float32), matrix))
        converted[rows, :, 3:] = round_samples(part[:, :, 3:])
    return converted


def encode_srgb(light: Pixels) -> Pixels:
    """Return bytes for linear light, which is clipped to 0..1: IEC 61966-2-1."""
    return cv2.LUT((np.clip(light, 0, 1) * _WORD + 0.5).astype(np.uint16), _ENCODED)


def _bands(shape: tuple[int, ...]) -> Iterator[slice]:
    rows = max(1, _PIXELS_AT_ONCE // max(1, shape[1]))
    return (slice(top, top + rows) for top in range(0, shape[0], rows))


def _tabulate(curve: Curve, most: int, space: ColorSpace) -> Pixels:
    """Return linear light for each value 0..`most`; 1 is white."""
    levels = np.arange(most + 1, dtype=np.float64)
    if space.is_narrow:  # ITU-T H.273, equations 20 to 22
        step = (most + 1) // 256
        levels = np.clip((levels - 16 * step) / (219 * step), 0, 1) * most
    return np.asarray(_linear(curve, levels / most), np.float32)


def _linear(curve: Curve, values: Pixels) -> Pixels:
    if curve == "pq":
        return pq_to_linear(values) / REFERENCE_WHITE
    if curve == "hlg":
        return hlg_to_linear(values)
    if isinstance(curve, Table):
        return np.interp(values, np.linspace(0, 1, len(curve.values)), curve.values)
    assert isinstance(curve, Parametric)  # noqa: S101 - the only one left
    with np.errstate(all="ignore"):
        power = np.maximum(curve.a * values + curve.b, 0) ** curve.g + curve.e
    return np.nan_to_num(np.where(values >= curve.d, power, curve.c * values + curve.f))


def _to_srgb_matrix(primaries: Chromaticities | Colorants) -> Pixels:
    """From linear RGB to linear sRGB. White becomes white."""
    return np.asarray(np.linalg.inv(_to_xyz(SRGB.primaries)) @ _to_xyz(primaries), np.float32)


def _to_xyz(primaries: Chromaticities | Colorants) -> Pixels:
    """From linear RGB to CIE XYZ, adapted to D50: SMPTE RP 177, and Bradford's adaptation."""
    if isinstance(primaries, Colorants):
        return np.array([primaries.red, primaries.green, primaries.blue]).T
    points = [primaries.red, primaries.green, primaries.blue, primaries.white]
    *colors, white = (np.array([x, y, 1 - x - y]) / (y or 1) for x, y in points)
    matrix = np.array(colors).T
    to_xyz = matrix * np.linalg.solve(matrix, white)
    cones = _BRADFORD @ _D50 / (_BRADFORD @ white)
    return np.asarray(np.linalg.inv(_BRADFORD) @ (cones[:, np.newaxis] * _BRADFORD) @ to_xyz)


def _from_linear(light: Pixels) -> Pixels:
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)  # noqa: PLR2004


_ENCODED = np.asarray((_from_linear(np.arange(_WORD + 1) / _WORD) * _BYTE + 0.5).astype(np.uint8))
