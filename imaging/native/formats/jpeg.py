"""Decodes JPEGs into arrays with libjpeg-turbo, as Pillow does: the same bits, without a copy (ADR 20)."""

import re

import simplejpeg
from PIL import Image

from imaging.memory import PIXELS_AT_ONCE
from imaging.native.arrays import ArrayImage

_SPACES = {"L": "GRAY", "RGB": "RGB"}
_EXTRA = re.compile(r"(\d+) extraneous bytes before marker 0xd9")
_NO_MEMORY = "nsufficient memory"


def decode_jpeg(data: bytes, size: tuple[int, int], mode: str) -> Image.Image | None:
    """Decode a whole JPEG in mode L or RGB.

    Returns None for other modes, other sizes, images that are processed in bands, and data that libjpeg-turbo warns of.
    Never scales: simplejpeg 1.9 then writes lossless JPEGs beyond the end of its array.
    """
    if mode not in _SPACES or size[0] * size[1] > PIXELS_AT_ONCE:
        return None
    try:
        pixels = simplejpeg.decode_jpeg(data, _SPACES[mode])
    except ValueError:
        return None
    image = ArrayImage(pixels.squeeze(axis=2) if mode == "L" else pixels, mode)
    return image if image.size == size else None


def count_extra_bytes(data: bytes, size: tuple[int, int], mode: str) -> int | None:
    """Return how many bytes stand between the last pixel of a JPEG of this size, mode L, RGB or CMYK, and its end.

    None where libjpeg-turbo warns of missing data, or cannot decode it. Raises MemoryError where it has no memory to
    find out.
    """
    try:
        height, width, _, _ = simplejpeg.decode_jpeg_header(data)
        if (width, height) != size:
            return None
        simplejpeg.decode_jpeg(data, "CMYK" if mode == "CMYK" else "GRAY")
    except ValueError as error:
        if _NO_MEMORY in str(error):
            raise MemoryError(str(error)) from error
        found = _EXTRA.search(str(error))
        return int(found[1]) if found else None
    return 0
