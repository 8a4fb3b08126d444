"""Filters of the neighbourhood of each pixel. Beyond the edge the outermost pixels are repeated."""

import math
from collections.abc import Sequence

import cv2
import numpy as np
from PIL import Image

from imaging.native.arrays import EDGE, ArrayImage, Pixels, apply_natively, as_pixels, map_pixels

_HALF_UP = 1e-4  # OpenCV rounds halves to even numbers, Pillow rounds them up


def box_blur(image: Image.Image, width: int, height: int) -> Image.Image:
    """Replace each pixel by the mean of a box. Its width and height are odd."""
    return apply_natively(image, lambda pixels: cv2.blur(pixels, (width, height), borderType=EDGE), reach=height // 2)


def convolve(image: Image.Image, weights: Sequence[float], *, scale: float = 1, offset: float = 0) -> Image.Image:
    """Convolve with a square kernel, given row by row from the top left; divide by `scale`, add `offset`."""
    side = math.isqrt(len(weights))
    kernel, delta = np.reshape(weights, (side, side)) / scale, offset + _HALF_UP

    def change(pixels: Pixels) -> Pixels:
        return cv2.filter2D(pixels, -1, kernel, delta=delta, borderType=EDGE)

    return apply_natively(image, change, reach=side // 2)


def median_blur(image: Image.Image, side: int) -> Image.Image:
    """Replace each pixel by the median of a square; `side` is odd."""
    return apply_natively(image, lambda pixels: cv2.medianBlur(pixels, side), reach=side // 2)


def erode(image: Image.Image, side: int) -> Image.Image:
    """Replace each pixel by the minimum of a square; `side` is odd."""
    return apply_natively(image, lambda pixels: cv2.erode(pixels, np.ones((side, side))), reach=side // 2)


def dilate(image: Image.Image, side: int) -> Image.Image:
    """Replace each pixel by the maximum of a square; `side` is odd."""
    return apply_natively(image, lambda pixels: cv2.dilate(pixels, np.ones((side, side))), reach=side // 2)


def sharpen(image: Image.Image, blurred: Image.Image, *, amount: float, threshold: int) -> Image.Image:
    """Add `amount` times the difference to a blurred copy, where that is above `threshold` levels."""
    return ArrayImage(
        map_pixels(lambda pixels: _sharpen(pixels, as_pixels(blurred), amount, threshold), image), image.mode
    )


def _sharpen(pixels: Pixels, blurred: Pixels, amount: float, threshold: int) -> Pixels:
    sharp = cv2.addWeighted(pixels, 1 + amount, blurred, -amount, 0)
    if threshold:
        is_small = cv2.absdiff(pixels, blurred) <= threshold
        cv2.copyTo(_flatten_bands(pixels), _flatten_bands(is_small.view(np.uint8)), _flatten_bands(sharp))
    return sharp


def _flatten_bands(pixels: Pixels) -> Pixels:
    """View the same memory as one band, as OpenCV's masks have only one."""
    return pixels.reshape(pixels.shape[0], -1)
