"""Reads the pixels of BMPs whose channel masks Pillow does not know."""

import numpy as np
from PIL import Image

from imaging.memory import PIXELS_AT_ONCE
from imaging.native.arrays import ArrayImage, Pixels

_PIXELS_AT_ONCE = PIXELS_AT_ONCE // 16  # 8 bytes each while they are scaled


def unpack_masks(
    rows: memoryview, *, size: tuple[int, int], bits: int, masks: tuple[int, ...], bottom_up: bool
) -> Image.Image:
    """Return RGB for three masks or RGBA for four; each channel is scaled to 0..255, an empty mask gives 0.

    `rows` are padded to 4 bytes. Raises ValueError where there are too few bytes.
    """
    width, height = size
    line_bytes = (width * bits + 31) // 32 * 4
    lines = np.frombuffer(rows, np.uint8, line_bytes * height).reshape(height, line_bytes)
    lines = lines[::-1] if bottom_up else lines
    packed = lines.view(f"<u{bits // 8}")[:, :width]
    channels = np.empty((height, width, len(masks)), np.uint8)
    at_once = max(1, _PIXELS_AT_ONCE // width)
    for top in range(0, height, at_once):
        for band, mask in enumerate(masks):
            channels[top : top + at_once, :, band] = _scale(packed[top : top + at_once], mask)
    return ArrayImage(channels, "RGBA" if len(masks) > 3 else "RGB")  # noqa: PLR2004 - and alpha


def _scale(packed: Pixels, mask: int) -> Pixels:
    if not mask:
        return np.zeros(packed.shape, np.uint8)
    lowest = (mask & -mask).bit_length() - 1
    most = mask >> lowest
    values = (packed & packed.dtype.type(mask)) >> packed.dtype.type(lowest)
    scaled: Pixels = (values.astype(np.uint64) * 510 + most) // (2 * most)
    return scaled.astype(np.uint8)
