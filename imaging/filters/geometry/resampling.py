"""Scales pictures: by Pillow's kernels, or by OpenCV where that is as good at a fraction of the time (ADR 20)."""

import math

from PIL import Image

from imaging import native
from imaging.filters.alpha import apply_premultiplied
from imaging.memory import PIXELS_AT_ONCE
from imaging.orientation import Size

type FloatBox = tuple[float, float, float, float]

_LEAST, _MOST = 1.9, 4.0  # times smaller: below, the finest detail suffers; above, OpenCV is no quicker
_ALMOST = 1e-6  # of a pixel


def resample(image: Image.Image, size: Size, *, kernel: str, box: FloatBox, is_coarse: bool) -> Image.Image:
    """The part of the picture in `box`, in `size` pixels.

    `is_coarse`: it was decoded smaller, so that its finest detail is not what it was in any case.
    """
    whole = _whole(box)
    part_size = (whole[2] - whole[0], whole[3] - whole[1]) if whole else (0, 0)
    if not whole or not is_downscaled_natively(part_size, size, kernel=kernel, is_coarse=is_coarse):
        return image.resize(size, Image.Resampling[kernel.upper()], box)
    part = image if whole == (0, 0, *image.size) else image.crop(whole)
    return apply_premultiplied(part, lambda colors: native.downscale(colors, size))


def is_downscaled_natively(size: Size, to_size: Size, *, kernel: str, is_coarse: bool = False) -> bool:
    least = 1 if is_coarse else _LEAST
    is_between = all(least <= own / new <= _MOST for own, new in zip(size, to_size, strict=True))
    return kernel == "lanczos" and is_between and math.prod(size) <= PIXELS_AT_ONCE


def _whole(box: FloatBox) -> tuple[int, int, int, int] | None:
    """None where it cuts pixels."""
    left, top, right, bottom = map(round, box)
    whole = left, top, right, bottom
    return whole if all(abs(a - b) < _ALMOST for a, b in zip(whole, box, strict=True)) else None
