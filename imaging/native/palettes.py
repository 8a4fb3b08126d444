"""Images of few colours as indices into a palette, and whether an image is grey."""

from collections.abc import Sequence
from itertools import count

import numpy as np
from PIL import Image

from imaging.native.arrays import ArrayImage, Pixels, as_pixels

_PIXELS = 2**18  # of a band, whose keys then fit into the cache
_TABLE_BITS = 16
_MULTIPLIER = 0x9E3779B1  # 2**32 over the golden ratio: Knuth's multiplicative hashing


def index_colors(image: Image.Image, colors: Sequence[tuple[int, ...]]) -> Image.Image:
    """Return the image in mode P, without a palette, its pixels as indices of `colors`: all of its, at most 256."""
    multiplier, table = _perfect_hash(_keys(np.array([colors], np.uint8))[0])
    indexed, rows = Image.new("P", image.size, None), max(1, _PIXELS // image.width)  # every pixel is written
    for top in range(0, image.height, rows):
        part = image.crop((0, top, image.width, min(image.height, top + rows)))
        indices = table[_hash(_keys(as_pixels(part)), multiplier)]
        indexed.paste(ArrayImage(indices, "P"), (0, top))
    return indexed


def is_grey(image: Image.Image) -> bool:
    """Return whether red, green and blue are equal in each pixel of an image in RGB or RGBA."""
    pixels = as_pixels(image)
    rows = max(1, _PIXELS // image.width)
    return all(_has_equal_bands(pixels[top : top + rows]) for top in range(0, image.height, rows))


def _has_equal_bands(pixels: Pixels) -> bool:
    return all(np.array_equal(pixels[:, :, 0], pixels[:, :, band]) for band in (1, 2))


def _keys(pixels: Pixels) -> Pixels:
    """Return one number of 32 bits a pixel."""
    bands = np.atleast_3d(pixels)
    keys = bands[:, :, 0].astype(np.uint32)
    for band in range(1, bands.shape[2]):
        keys |= bands[:, :, band].astype(np.uint32) << np.uint32(8 * band)
    return keys


def _hash(keys: Pixels, multiplier: np.uint32) -> Pixels:
    return np.right_shift(keys * multiplier, np.uint32(32 - _TABLE_BITS))


def _perfect_hash(keys: Pixels) -> tuple[np.uint32, Pixels]:
    """Return a multiplier by which no two keys collide, and a table from hashes to indices."""
    multipliers = (np.uint32(_MULTIPLIER * number % 2**32 | 1) for number in count(1))
    multiplier = next(each for each in multipliers if len(np.unique(_hash(keys, each))) == len(keys))
    table = np.zeros(2**_TABLE_BITS, np.uint8)
    table[_hash(keys, multiplier)] = np.arange(len(keys), dtype=np.uint8)
    return multiplier, table
