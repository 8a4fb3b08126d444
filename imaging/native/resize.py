"""Makes pictures smaller in two strokes that OpenCV is quick at: smooth all, then read off where new pixels fall."""

import cv2
import numpy as np
from PIL import Image

from imaging.native.arrays import EDGE, ArrayImage, Pixels, map_pixels

_LOBES = 3
# Weights are whole numbers of it, so that sums of bytes weighed twice are exact in single precision, and no processor
# rounds them in another way.
_UNIT = 2**-7


def downscale(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """As Lanczos of three lobes makes it, without the clipping between across and down; `size` is nowhere larger.

    Reading off between smoothed pixels is cubic, which takes a little of the very finest detail.
    """
    across, down = (whole / own for whole, own in zip(image.size, size, strict=True))

    def change(pixels: Pixels) -> Pixels:
        smooth = cv2.sepFilter2D(pixels, -1, _lanczos_weights(across), _lanczos_weights(down), borderType=EDGE)
        return cv2.resize(smooth, size, interpolation=cv2.INTER_CUBIC)

    return ArrayImage(map_pixels(change, image), image.mode)


def _lanczos_weights(scale: float) -> Pixels:
    """Weights at whole distances, of a kernel that is `scale` times as wide as for its own grid. They sum to 1.

    sinc(x) sinc(x / 3), from Duchon, Lanczos filtering in one and two dimensions, 1979.
    """
    reach = int(_LOBES * scale)
    distances = np.arange(-reach, reach + 1) / scale
    weights = np.where(np.abs(distances) < _LOBES, np.sinc(distances) * np.sinc(distances / _LOBES), 0)
    return np.trim_zeros(_round_weights(weights / weights.sum()))  # which are as many on both sides


def _round_weights(weights: Pixels) -> Pixels:
    """To whole units of the same sum, and still the same on both sides: whichever lost most by rounding give way."""
    units, middle = np.round(weights / _UNIT), len(weights) // 2
    missing = int(1 / _UNIT - units.sum())
    one, lost = np.sign(missing), weights / _UNIT - units
    pairs, odd = divmod(abs(missing), 2)
    worst = np.argsort(-one * lost[middle + 1 :], kind="stable")[:pairs] + 1
    units[[*(middle + worst), *(middle - worst)]] += one
    units[middle] += one * odd
    return np.asarray(units * _UNIT)
