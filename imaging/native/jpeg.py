"""Reads JPEGs straight into arrays, by the decoder that Pillow has too: libjpeg-turbo, to the same bits (ADR 20)."""

import simplejpeg
from PIL import Image

from imaging.memory import PIXELS_AT_ONCE
from imaging.native.arrays import ArrayImage

_SPACES = {"L": "GRAY", "RGB": "RGB"}


def decode_jpeg(data: bytes, size: tuple[int, int], mode: str) -> Image.Image | None:
    """All of the picture, in mode L or RGB.

    None for another mode, for what libjpeg-turbo warns of, where it is not of that size, and where kernels would take
    it in parts. Never smaller than it is: asked for that, simplejpeg 1.9 writes a lossless JPEG beyond its array's end.
    """
    if mode not in _SPACES or size[0] * size[1] > PIXELS_AT_ONCE:
        return None
    try:
        pixels = simplejpeg.decode_jpeg(data, _SPACES[mode])
    except ValueError:
        return None
    picture = ArrayImage(pixels.squeeze(axis=2) if mode == "L" else pixels, mode)
    return picture if picture.size == size else None
