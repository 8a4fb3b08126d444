"""Samples of 16 bits, as two images in the same mode: one of the high bytes and one of the low bytes."""

from collections.abc import Callable
from functools import partial

import numpy as np
from PIL import Image

from imaging.color_space import ColorSpace
from imaging.memory import PIXELS_AT_ONCE
from imaging.native.arrays import ArrayImage, Pixels, as_pixels, map_pixels
from imaging.native.color_spaces import convert_samples, round_samples

_PIXELS_AT_ONCE = PIXELS_AT_ONCE // 64

type BytePair = tuple[Image.Image, Image.Image]


def split_words(samples: Pixels, mode: str) -> BytePair:
    """Return the images of the high and of the low bytes."""
    return ArrayImage((samples >> 8).astype(np.uint8), mode), ArrayImage(samples.astype(np.uint8), mode)


def round_words(pair: BytePair, space: ColorSpace | None) -> Image.Image:
    """Return the image at 8 bits a sample: in sRGB if `space` is that of its colours, as they are if it is None."""
    high, low = pair
    change = partial(convert_samples, space=space) if space else round_samples
    return ArrayImage(map_pixels(lambda pixels: _round(pixels, as_pixels(low), change), high), high.mode)


def interleave_words(pair: BytePair, *, big_endian: bool) -> Image.Image:
    """Return an image of twice the width whose bytes are those of the samples."""
    first, second = pair if big_endian else pair[::-1]
    pixels = as_pixels(first)
    words = np.stack([pixels, as_pixels(second)], axis=-1)
    return ArrayImage(words.reshape(len(pixels), 2 * pixels.shape[1], *pixels.shape[2:]), first.mode)


def _round(high: Pixels, low: Pixels, change: Callable[[Pixels], Pixels]) -> Pixels:
    rounded = np.empty_like(high)
    rows = max(1, _PIXELS_AT_ONCE // high.shape[1])
    for part in (slice(top, top + rows) for top in range(0, len(high), rows)):
        rounded[part] = change(high[part].astype(np.uint16) << 8 | low[part])
    return rounded
