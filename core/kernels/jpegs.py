"""Reads JPEGs straight into arrays, by the decoder that Pillow has too: libjpeg-turbo, to the same bits (ADR 20)."""

import simplejpeg
from PIL import Image

from core.kernels.bridge import ArrayPicture

_SPACES = {"L": "GRAY", "RGB": "RGB"}
_LEAST_SIDE = 8  # where sides are shorter, two scales may come to the same size


def decoded(data: bytes, size: tuple[int, int], mode: str) -> Image.Image | None:
    """The picture, or as many times smaller as `size` says, in mode L or RGB.

    None for another mode, for what libjpeg-turbo warns of, and where it would be of another size.
    """
    if mode not in _SPACES or min(size) < _LEAST_SIDE:
        return None
    try:
        pixels = simplejpeg.decode_jpeg(data, _SPACES[mode], min_width=size[0], min_height=size[1])
    except ValueError:
        return None
    picture = ArrayPicture(pixels.squeeze(axis=2) if mode == "L" else pixels, mode)
    return picture if picture.size == size else None
