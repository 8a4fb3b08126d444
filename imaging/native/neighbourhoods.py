"""Filters of the neighbourhood of each pixel. Beyond the edge the outermost pixels are repeated."""

import math
from collections.abc import Sequence

import cv2
import numpy as np
from PIL import Image

from imaging.native.arrays import EDGE, Pixels, apply_in_bands

_REACH = 2.5  # sigmas; 1 % of a Gaussian is beyond
_CONTEXT = 4  # sigmas; what is beyond changes no level
_LEAST_SIGMA = 2  # from which a Gaussian may be applied to a smaller image without visible differences
_MARGIN = 8  # even, and more than the upsampling reaches
_HALF_UP = 1e-4  # OpenCV rounds halves to even numbers, Pillow rounds them up


def gaussian_blur(image: Image.Image, sigma: float) -> Image.Image:
    """Blur with a Gaussian; `sigma` in pixels."""
    return apply_in_bands(image, lambda pixels: _blur(pixels, sigma), reach=_context_rows(sigma))


def unsharp_mask(image: Image.Image, sigma: float, *, amount: float, threshold: int) -> Image.Image:
    """Add `amount` times the difference to a blurred copy, where that is above `threshold` levels."""
    return apply_in_bands(image, lambda pixels: _sharpen(pixels, sigma, amount, threshold), reach=_context_rows(sigma))


def box_blur(image: Image.Image, width: int, height: int) -> Image.Image:
    """Replace each pixel by the mean of a box. Its width and height are odd."""
    return apply_in_bands(image, lambda pixels: cv2.blur(pixels, (width, height), borderType=EDGE), reach=height // 2)


def convolve(image: Image.Image, weights: Sequence[float], *, scale: float = 1, offset: float = 0) -> Image.Image:
    """Convolve with a square kernel, given row by row from the top left; divide by `scale`, add `offset`."""
    side = math.isqrt(len(weights))
    kernel, delta = np.reshape(weights, (side, side)) / scale, offset + _HALF_UP

    def change(pixels: Pixels) -> Pixels:
        return cv2.filter2D(pixels, -1, kernel, delta=delta, borderType=EDGE)

    return apply_in_bands(image, change, reach=side // 2)


def median_blur(image: Image.Image, side: int) -> Image.Image:
    """Replace each pixel by the median of a square; `side` is odd."""
    return apply_in_bands(image, lambda pixels: cv2.medianBlur(pixels, side), reach=side // 2)


def erode(image: Image.Image, side: int) -> Image.Image:
    """Replace each pixel by the minimum of a square; `side` is odd."""
    return apply_in_bands(image, lambda pixels: cv2.erode(pixels, np.ones((side, side))), reach=side // 2)


def dilate(image: Image.Image, side: int) -> Image.Image:
    """Replace each pixel by the maximum of a square; `side` is odd."""
    return apply_in_bands(image, lambda pixels: cv2.dilate(pixels, np.ones((side, side))), reach=side // 2)


def _context_rows(sigma: float) -> int:
    """Return how many rows above and below a band needs."""
    return math.ceil(_CONTEXT * sigma)


def _blur(pixels: Pixels, sigma: float) -> Pixels:
    """Apply broad Gaussians to an image of half the size, recursively, so that the time does not grow with sigma.

    Burt and Adelson, The Laplacian Pyramid as a Compact Image Code, 1983: the weights 1 4 6 4 1 are nearly a Gaussian,
    of variance 1 both on the way down and on the way up.
    """
    if sigma < _LEAST_SIGMA:
        side = 2 * math.ceil(_REACH * sigma) + 1
        return cv2.GaussianBlur(pixels, (side, side), sigma, borderType=EDGE)
    height, width = pixels.shape[:2]
    # pyrUp treats edges in another way: its differences stay within the margin.
    wide = cv2.copyMakeBorder(pixels, _MARGIN, _MARGIN + height % 2, _MARGIN, _MARGIN + width % 2, EDGE)
    small = cv2.pyrDown(wide, borderType=EDGE)
    grown = cv2.pyrUp(_blur(small, math.sqrt(sigma**2 - 2) / 2))
    return grown[_MARGIN : _MARGIN + height, _MARGIN : _MARGIN + width]


def _sharpen(pixels: Pixels, sigma: float, amount: float, threshold: int) -> Pixels:
    blurred = _blur(pixels, sigma)
    sharp = cv2.addWeighted(pixels, 1 + amount, blurred, -amount, 0)
    if threshold:
        is_small = cv2.absdiff(pixels, blurred) <= threshold
        cv2.copyTo(_flatten_bands(pixels), _flatten_bands(is_small.view(np.uint8)), _flatten_bands(sharp))
    return sharp


def _flatten_bands(pixels: Pixels) -> Pixels:
    """View the same memory as one band, as OpenCV's masks have only one."""
    return pixels.reshape(pixels.shape[0], -1)
