"""Filters that look at what is around each pixel. Beyond a picture's edge its last pixels go on."""

import math
from collections.abc import Sequence

import cv2
import numpy as np
from PIL import Image

from imaging.native.arrays import EDGE, Pixels, apply_in_bands

_REACH = 2.5  # sigmas; a bell holds 1 % beyond
_CONTEXT = 4  # sigmas; beyond, a bell holds less than any level shows
_LEAST_SIGMA = 2  # of a bell that is laid over a smaller picture: below it, that shows
_MARGIN = 8  # even, and more than growing reaches to
_HALF_UP = 1e-4  # OpenCV rounds halves to even values, Pillow up


def gaussian_blur(image: Image.Image, sigma: float) -> Image.Image:
    """Weighed by a bell."""
    return apply_in_bands(image, lambda pixels: _blur(pixels, sigma), reach=_context_rows(sigma))


def unsharp_mask(image: Image.Image, sigma: float, *, amount: float, threshold: int) -> Image.Image:
    """Each value moves by `amount` times what it is above or below its blurred copy, if that is above `threshold`."""
    return apply_in_bands(image, lambda pixels: _sharpen(pixels, sigma, amount, threshold), reach=_context_rows(sigma))


def box_blur(image: Image.Image, across: int, down: int) -> Image.Image:
    """The mean of a box; both sides are odd."""
    return apply_in_bands(image, lambda pixels: cv2.blur(pixels, (across, down), borderType=EDGE), reach=down // 2)


def convolve(image: Image.Image, weights: Sequence[float], *, scale: float = 1, offset: float = 0) -> Image.Image:
    """The sum of a square weighed row by row from the top left, divided by `scale`, plus `offset`."""
    side = math.isqrt(len(weights))
    kernel, delta = np.reshape(weights, (side, side)) / scale, offset + _HALF_UP

    def change(pixels: Pixels) -> Pixels:
        return cv2.filter2D(pixels, -1, kernel, delta=delta, borderType=EDGE)

    return apply_in_bands(image, change, reach=side // 2)


def median_blur(image: Image.Image, side: int) -> Image.Image:
    return apply_in_bands(image, lambda pixels: cv2.medianBlur(pixels, side), reach=side // 2)


def erode(image: Image.Image, side: int) -> Image.Image:
    return apply_in_bands(image, lambda pixels: cv2.erode(pixels, np.ones((side, side))), reach=side // 2)


def dilate(image: Image.Image, side: int) -> Image.Image:
    return apply_in_bands(image, lambda pixels: cv2.dilate(pixels, np.ones((side, side))), reach=side // 2)


def _context_rows(sigma: float) -> int:
    """Rows above and below that a part of a picture needs."""
    return math.ceil(_CONTEXT * sigma)


def _blur(pixels: Pixels, sigma: float) -> Pixels:
    """A broad bell is laid over a picture of half the size, and so on, so that the time does not grow with it.

    Burt and Adelson, The Laplacian Pyramid as a Compact Image Code, 1983: the weights 1 4 6 4 1 are nearly a bell, of
    variance 1 on the way down and on the way up again.
    """
    if sigma < _LEAST_SIGMA:
        side = 2 * math.ceil(_REACH * sigma) + 1
        return cv2.GaussianBlur(pixels, (side, side), sigma, borderType=EDGE)
    height, width = pixels.shape[:2]
    # Growing knows another edge than ours: what it makes of that stays in the margin.
    wide = cv2.copyMakeBorder(pixels, _MARGIN, _MARGIN + height % 2, _MARGIN, _MARGIN + width % 2, EDGE)
    small = cv2.pyrDown(wide, borderType=EDGE)
    grown = cv2.pyrUp(_blur(small, math.sqrt(sigma**2 - 2) / 2))
    return grown[_MARGIN : _MARGIN + height, _MARGIN : _MARGIN + width]


def _sharpen(pixels: Pixels, sigma: float, amount: float, threshold: int) -> Pixels:
    blurred = _blur(pixels, sigma)
    sharp = cv2.addWeighted(pixels, 1 + amount, blurred, -amount, 0)
    if threshold:
        little = cv2.absdiff(pixels, blurred) <= threshold
        cv2.copyTo(_flatten_bands(pixels), _flatten_bands(little.view(np.uint8)), _flatten_bands(sharp))
    return sharp


def _flatten_bands(pixels: Pixels) -> Pixels:
    """The same memory with one band: a mask of OpenCV has no more."""
    return pixels.reshape(pixels.shape[0], -1)
