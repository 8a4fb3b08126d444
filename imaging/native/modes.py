"""The mode filter: the most frequent value around each pixel."""

from itertools import product

import cv2
import numpy as np
from PIL import Image

from imaging.native.arrays import Pixels, apply_natively

_TILE = 256
_LEAST_COUNT = 2  # a value must occur more often than this
_MOST_OF_A_BYTE = 255


def mode_filter(image: Image.Image, side: int) -> Image.Image:
    """Replace each pixel by the most frequent value of the square around it, the lowest of equals.

    A pixel stays where no value occurs three times.
    """
    return apply_natively(image, lambda pixels: _find_count_modes(pixels, side), reach=side // 2)


def _find_count_modes(pixels: Pixels, side: int) -> Pixels:
    """Process tiles of one band: they hold fewer values, and fit into the cache."""
    half, modes = side // 2, np.empty_like(pixels)
    planes, outs = (np.atleast_3d(each).transpose(2, 0, 1) for each in (pixels, modes))
    for plane, out in zip(planes, outs, strict=True):
        for top, left in product(*(range(0, length, _TILE) for length in plane.shape)):
            above, before = min(top, half), min(left, half)
            tile = plane[top - above : top + _TILE + half, left - before : left + _TILE + half]
            counted = _count_modes(np.ascontiguousarray(tile), side)
            out[top : top + _TILE, left : left + _TILE] = counted[above : above + _TILE, before : before + _TILE]
    return modes


def _count_modes(plane: Pixels, side: int) -> Pixels:
    """Count one value after the other, in the squares around all pixels at once."""
    kind = np.uint8 if side * side <= _MOST_OF_A_BYTE else np.uint16
    most, modes = np.full(plane.shape, _LEAST_COUNT, kind), plane.copy()
    padded = np.pad(np.zeros(plane.shape, kind), side // 2)
    inside = padded[side // 2 :, side // 2 :][: plane.shape[0], : plane.shape[1]]
    for value in np.flatnonzero(np.bincount(plane.ravel(), minlength=256)):
        np.equal(plane, value, out=inside, casting="unsafe")
        counts = _sum_neighbours(_sum_neighbours(padded, side).T, side).T
        cv2.copyTo(np.full_like(plane, value), (counts > most).view(np.uint8), modes)
        np.maximum(most, counts, out=most)
    return modes


def _sum_neighbours(values: Pixels, length: int) -> Pixels:
    """Sum `length` neighbouring rows each, composed from sums of 1, 2, 4 … rows."""
    count = values.shape[0] - length + 1
    sums, width, start = np.zeros_like(values[:count]), 1, 0
    while True:
        if length & width:
            sums += values[start : start + count]
            start += width
        if start == length:
            return sums
        values, width = values[:-width] + values[width:], 2 * width
