"""Downscaling in two steps that OpenCV is fast at: smooth everything, then interpolate the new pixels."""

import cv2
import numpy as np
from PIL import Image

from imaging.native.arrays import EDGE, ArrayImage, Pixels, map_pixels

_LOBES = 3
# Weights are multiples of it, so that sums of bytes weighted twice are exact in single precision on every processor.
_UNIT = 2**-7


def downscale(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Scale down as Lanczos with three lobes does, but without clipping between rows and columns.

    No side of `size` may be larger than the image's. The cubic interpolation loses a little of the finest detail.
    """
    scale_x, scale_y = (before / after for before, after in zip(image.size, size, strict=True))

    def change(pixels: Pixels) -> Pixels:
        smooth = cv2.sepFilter2D(pixels, -1, _lanczos_weights(scale_x), _lanczos_weights(scale_y), borderType=EDGE)
        return cv2.resize(smooth, size, interpolation=cv2.INTER_CUBIC)

    return ArrayImage(map_pixels(change, image), image.mode)


def _lanczos_weights(scale: float) -> Pixels:
    """Return the weights, which sum to 1, of a Lanczos kernel stretched by `scale`, at whole distances.

    sinc(x) sinc(x / 3), from Duchon, Lanczos filtering in one and two dimensions, 1979.
    """
    reach = int(_LOBES * scale)
    distances = np.arange(-reach, reach + 1) / scale
    weights = np.where(np.abs(distances) < _LOBES, np.sinc(distances) * np.sinc(distances / _LOBES), 0)
    return np.trim_zeros(_round_weights(weights / weights.sum()))  # the same number on both sides


def _round_weights(weights: Pixels) -> Pixels:
    """Round to whole units with the same sum and symmetry: those that rounding changed most are corrected."""
    units, middle = np.round(weights / _UNIT), len(weights) // 2
    missing = int(1 / _UNIT - units.sum())
    one, lost = np.sign(missing), weights / _UNIT - units
    pairs, odd = divmod(abs(missing), 2)
    worst = np.argsort(-one * lost[middle + 1 :], kind="stable")[:pairs] + 1
    units[[*(middle + worst), *(middle - worst)]] += one
    units[middle] += one * odd
    return np.asarray(units * _UNIT)
