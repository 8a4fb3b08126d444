"""Downscaling in two steps that OpenCV is fast at, and resampling of linear light."""

import cv2
import numpy as np
from PIL import Image

from imaging.linear_light import to_linear
from imaging.native.arrays import EDGE, ArrayImage, Pixels, as_pixels, map_pixels
from imaging.native.color_spaces import encode_srgb

_LIGHT = np.array([to_linear(value) for value in range(256)], np.float32)
_LEAST_ALPHA = 1e-3  # below it, a pixel is invisible
_LOBES = 3
# Weights are multiples of it, so that sums of bytes weighted twice are exact in single precision on every processor.
_UNIT = 2**-7


def downscale(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Scale down as Lanczos with three lobes does, but without clipping between rows and columns.

    First everything is smoothed, then the new pixels are interpolated. No side of `size` may be larger than the
    image's. The cubic interpolation loses a little of the finest detail.
    """
    scale_x, scale_y = (before / after for before, after in zip(image.size, size, strict=True))

    def change(pixels: Pixels) -> Pixels:
        smooth = cv2.sepFilter2D(pixels, -1, _lanczos_weights(scale_x), _lanczos_weights(scale_y), borderType=EDGE)
        return cv2.resize(smooth, size, interpolation=cv2.INTER_CUBIC)

    return ArrayImage(map_pixels(change, image), image.mode)


def resample_light(
    image: Image.Image, size: tuple[int, int], *, kernel: Image.Resampling, box: tuple[float, float, float, float]
) -> Image.Image:
    """Scale the part of the image in `box`, averaging linear light, weighted by alpha, band by band in floats."""
    pixels = np.atleast_3d(as_pixels(image))
    has_alpha = image.mode in {"LA", "RGBA"}
    colors = pixels.shape[2] - has_alpha
    scaled = np.empty((size[1], size[0], pixels.shape[2]), np.uint8)

    def resize(values: Pixels) -> Pixels:
        return np.asarray(Image.fromarray(values).resize(size, kernel, box))

    alpha = resize(pixels[:, :, -1].astype(np.float32) / 255) if has_alpha else None
    for band in range(colors):
        light = _LIGHT[pixels[:, :, band]]
        if alpha is None:
            scaled[:, :, band] = encode_srgb(resize(light))
        else:
            light *= pixels[:, :, -1].astype(np.float32) / 255
            scaled[:, :, band] = encode_srgb(resize(light) / np.maximum(alpha, _LEAST_ALPHA))
    if alpha is not None:
        scaled[:, :, -1] = np.clip(alpha, 0, 1) * 255 + 0.5
    return ArrayImage(scaled[:, :, 0] if image.mode == "L" else scaled, image.mode)


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
