"""Scales samples of any width and kind to 8 or 16 bits."""

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
from PIL import Image

from imaging.memory import PIXELS_AT_ONCE
from imaging.native.arrays import ArrayImage, Pixels
from imaging.native.color_spaces import convert_lab
from imaging.native.words import BytePair, split_words
from imaging.samples import SampleLayout

type PlaneReader = Callable[[int], Image.Image]

_SAMPLES_AT_ONCE = PIXELS_AT_ONCE // 64  # each is unpacked to up to 32 numbers
_WHOLE_BYTES = (8, 16, 32, 64)
_THREE_BYTES = 24
_MOST_TABLE_BITS = 16
_BYTE, _WORD = 255, 65535


def scale_samples(read_plane: PlaneReader, layout: SampleLayout) -> tuple[Image.Image, Image.Image | None]:
    """Return an image in the mode of `layout`, and the alpha of CMYK by itself; see `_scale`."""
    pixels = _scale(read_plane, layout, most=_WORD if layout.is_lab else _BYTE)
    if layout.is_lab:
        return ArrayImage(convert_lab(pixels, bits=layout.bits), layout.mode), None
    if layout.mode == "CMYKA":
        inks, alpha = (np.ascontiguousarray(bands) for bands in (pixels[:, :, :4], pixels[:, :, 4]))
        return ArrayImage(inks, "CMYK"), ArrayImage(alpha, "L")
    return ArrayImage(pixels[:, :, 0] if layout.mode == "L" else pixels, layout.mode), None


def scale_to_words(read_plane: PlaneReader, layout: SampleLayout) -> BytePair:
    """Return the same at 16 bits."""
    pixels = _scale(read_plane, layout, most=_WORD)
    return split_words(pixels[:, :, 0] if layout.mode == "L" else pixels, layout.mode)


def _scale(read_plane: PlaneReader, layout: SampleLayout, *, most: int) -> Pixels:
    """Return samples 0..`most`, which is 255 or 65535; `read_plane` returns the bytes of each row, not compressed.

    Unsigned integers are scaled from all their range, floats of RGB from 0..1. Grey floats, signed integers, and grey
    of more than 16 bits have no defined white: the least finite value becomes 0, the greatest white. NaN becomes 0.
    """
    kept = [*range(layout.colors), *([] if layout.alpha is None else [layout.alpha])]
    pixels = np.empty((layout.size[1], layout.size[0], len(kept)), np.uint8 if most == _BYTE else np.uint16)
    with np.errstate(all="ignore"):
        scale = (
            _scale_by_table(layout, most)
            if _has_table(layout)
            else partial(_scale_range, ends=_range(read_plane, layout), most=most)
        )
        for top, band, samples in _samples(read_plane, layout):
            if band in kept:
                scaled = scale(samples) if band < layout.colors else _scale_alpha(samples, layout, most)
                is_inverted = layout.is_white_zero and band < layout.colors
                pixels[top : top + len(samples), :, kept.index(band)] = most - scaled if is_inverted else scaled
    return _unpremultiply(pixels, most) if layout.is_premultiplied else pixels


def _unpremultiply(pixels: Pixels, most: int) -> Pixels:
    """Divide colours by alpha, in place and row by row."""
    for row in pixels:
        alpha = np.maximum(row[:, -1:], 1).astype(np.uint64)
        row[:, :-1] = np.minimum((row[:, :-1] * np.uint64(2 * most) + alpha) // (2 * alpha), most)
    return pixels


def _has_table(layout: SampleLayout) -> bool:
    return layout.kind == "uint" and layout.bits <= _MOST_TABLE_BITS


def _scale_by_table(layout: SampleLayout, most: int) -> Callable[[Pixels], Pixels]:
    own = 2**layout.bits - 1
    table = ((np.arange(own + 1) * 2 * most + own) // (2 * own)).astype(np.uint8 if most == _BYTE else np.uint16)
    return lambda samples: table[samples]


def _scale_range(samples: Pixels, *, ends: tuple[float, float], most: int) -> Pixels:
    low, high = ends
    span = high - low if high > low else np.inf
    scaled = np.nan_to_num((samples.astype(np.float64) - low) / span * most, nan=0, posinf=most, neginf=0)
    return np.asarray((np.clip(scaled, 0, most) + 0.5).astype(np.uint16))


def _scale_alpha(samples: Pixels, layout: SampleLayout, most: int) -> Pixels:
    return _scale_range(samples, ends=(0, _white(layout)), most=most)


def _white(layout: SampleLayout) -> float:
    if layout.kind == "float":
        return 1
    return float(2 ** (layout.bits - (layout.kind == "int")) - 1)


def _range(read_plane: PlaneReader, layout: SampleLayout) -> tuple[float, float]:
    """Return what is scaled to 0 and to 255."""
    if layout.colors > 1 and layout.kind != "int":
        return 0, _white(layout)
    low, high = np.inf, -np.inf
    for _, band, samples in _samples(read_plane, layout):
        finite = samples[np.isfinite(samples)] if band < layout.colors else samples[:0]
        if finite.size:
            low, high = min(low, float(finite.min())), max(high, float(finite.max()))
    return low, high


def _samples(read_plane: PlaneReader, layout: SampleLayout) -> Iterator[tuple[int, int, Pixels]]:
    """Yield the top, the band and the samples of some rows at a time."""
    rows = max(1, _SAMPLES_AT_ONCE // (layout.size[0] * layout.plane_bands))
    for first_band in range(layout.planes):
        plane = read_plane(first_band)
        for top in range(0, plane.height, rows):
            part = np.asarray(plane.crop((0, top, plane.width, min(plane.height, top + rows))))
            samples = _unpack(part, layout)
            for band in range(layout.plane_bands):
                yield top, first_band + band, _without_no_data(samples[:, :, band], layout)


def _without_no_data(samples: Pixels, layout: SampleLayout) -> Pixels:
    if layout.no_data is None or _has_table(layout):
        return samples
    # Compared as it is stored: -3.4e38 of 32 bits is another number than that of 64.
    missing = np.float64(samples.dtype.type(layout.no_data)) if layout.kind == "float" else layout.no_data
    return np.where(samples == missing, np.nan, samples.astype(np.float64))


def _unpack(rows: Pixels, layout: SampleLayout) -> Pixels:
    """Return rows x columns x bands."""
    segments = np.ascontiguousarray(rows).reshape(len(rows), layout.segments_across, layout.segment_row_bytes)
    unpack = _unpack_bits if layout.bits not in _WHOLE_BYTES else _unpack_bytes
    samples = unpack(segments, layout)
    return samples.reshape(len(rows), -1, layout.plane_bands)[:, : layout.size[0]]


def _unpack_bits(segments: Pixels, layout: SampleLayout) -> Pixels:
    count = layout.segment_width * layout.plane_bands
    if layout.bits == _THREE_BYTES and not layout.is_big_endian:  # as libtiff: whole bytes are in the file's order
        segments = np.flip(segments.reshape(*segments.shape[:2], count, -1), -1).reshape(segments.shape)
    bits = np.unpackbits(segments, axis=-1)[..., : count * layout.bits]
    weights = (1 << np.arange(layout.bits, dtype=np.uint64)[::-1]).astype(np.uint32)
    unpacked: Pixels = bits.reshape(*segments.shape[:2], count, layout.bits) @ weights
    return unpacked


def _unpack_bytes(segments: Pixels, layout: SampleLayout) -> Pixels:
    sample_bytes = layout.bits // 8
    order = ">" if layout.is_big_endian else "<"
    if layout.predictor == 3:  # noqa: PLR2004 - as in the tag
        segments, order = _sum_bytes(segments, layout), ">"
    if layout.predictor == 2:  # noqa: PLR2004 - as in the tag
        segments, order = _sum_samples(segments.view(f"{order}u{sample_bytes}"), layout), "="
    kind = {"uint": "u", "int": "i", "float": "f"}[layout.kind]
    return segments.view(f"{order}{kind}{sample_bytes}")


def _sum_samples(differences: Pixels, layout: SampleLayout) -> Pixels:
    pixels = differences.reshape(*differences.shape[:2], -1, layout.plane_bands)
    kind = differences.dtype.newbyteorder("=")
    return np.cumsum(pixels, axis=2, dtype=kind).reshape(differences.shape)


def _sum_bytes(differences: Pixels, layout: SampleLayout) -> Pixels:
    """Undo the predictor of floats: all first bytes of a row, then all second ones, as differences."""
    shape = differences.shape
    summed = np.cumsum(differences.reshape(*shape[:2], -1, layout.plane_bands), axis=2, dtype=np.uint8)
    by_place = summed.reshape(*shape[:2], layout.bits // 8, -1)
    return np.ascontiguousarray(by_place.swapaxes(2, 3)).reshape(shape)
