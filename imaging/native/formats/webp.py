"""Decodes still WebPs with libwebp into one array, as Pillow does: the same pixels in half the memory."""

import cv2
import numpy as np
from PIL import Image

from imaging.native.arrays import copy_to_image, memory_errors

_RAW_MODES = {("RGB", 3): "BGR", ("RGB", 4): "BGRX", ("RGBA", 4): "BGRA"}  # by mode and decoded bands


def decode_webp(data: bytes, size: tuple[int, int], mode: str) -> Image.Image:
    """Decode a WebP of `size` in mode RGB or RGBA. Raises OSError where it is damaged, and MemoryError.

    An alpha that all pixels lack is not decoded: such an image is returned in mode RGB.
    """
    with memory_errors():
        pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if pixels is None or pixels.shape[1::-1] != size:
        message = "libwebp cannot decode it"
        raise OSError(message)
    mode = mode if pixels.shape[2] == 4 else "RGB"  # noqa: PLR2004 - bands
    return copy_to_image(pixels, mode, rawmode=_RAW_MODES[mode, pixels.shape[2]])
