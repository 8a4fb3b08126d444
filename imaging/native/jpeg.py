"""Decodes JPEGs into arrays with libjpeg-turbo, as Pillow does: the same bits, without a copy (ADR 20)."""

import simplejpeg
from PIL import Image

from imaging.memory import PIXELS_AT_ONCE
from imaging.native.arrays import ArrayImage

_SPACES = {"L": "GRAY", "RGB": "RGB"}
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


def is_whole_jpeg(data: bytes, size: tuple[int, int], mode: str) -> bool:
    """Whether libjpeg-turbo decodes a JPEG of this size, mode L, RGB or CMYK, without a warning of missing data.

    Raises MemoryError where it has no memory to find out.
    """
    try:
        height, width, _, _ = simplejpeg.decode_jpeg_header(data)
        if (width, height) != size:
            return False
        simplejpeg.decode_jpeg(data, "CMYK" if mode == "CMYK" else "GRAY")
    except ValueError as error:
        if _NO_MEMORY in str(error):
            raise MemoryError(str(error)) from error
        return False
    return True
