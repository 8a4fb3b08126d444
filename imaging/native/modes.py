"""The mode filter: the most frequent value around each pixel."""

from itertools import product

import cv2
import numpy as np
from PIL import Image

from imaging.native.arrays import Pixels, apply_natively

_TILE = 256
_LEAST_COUNT = 2  # a value must occur more often than this
_WORD_BITS = 16


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
    """Count the values of one group after the other: a group is as many as fit beside a count into 16 bits."""
    group = min(256, 2 ** (_WORD_BITS - (side * side).bit_length()))
    found = np.flatnonzero(np.bincount(plane.ravel(), minlength=256) > _LEAST_COUNT)
    most, modes = np.full(plane.shape, _LEAST_COUNT, np.uint16), plane.copy()
    for first in range(0, 256, group):
        keys = _find_best_keys(plane, side, found[(found >= first) & (found < first + group)], group)
        counts, values = keys // group, (first + group - 1 - keys % group).astype(np.uint8)
        cv2.copyTo(values, (counts > most).view(np.uint8), modes)
        np.maximum(most, counts, out=most)
    return modes


def _find_best_keys(plane: Pixels, side: int, values: Pixels, group: int) -> Pixels:
    """Return count x group + rank, of the value with the most in the square around each pixel; the lowest ranks first.

    Values are counted one after the other, around all pixels at once.
    """
    best, is_there = np.zeros(plane.shape, np.uint16), np.empty(plane.shape, np.uint8)
    for value in values.tolist():
        np.equal(plane, value, out=is_there.view(np.bool_))
        keys = cv2.boxFilter(is_there, cv2.CV_16U, (side, side), normalize=False, borderType=cv2.BORDER_CONSTANT)
        np.multiply(keys, group, out=keys)
        np.add(keys, group - 1 - value % group, out=keys)
        np.maximum(best, keys, out=best)
    return best
