"""Resampling by Pillow, or by OpenCV where that is as good in a fraction of the time (ADR 20)."""

import math

from PIL import Image

from imaging import native
from imaging.filters.alpha import apply_premultiplied
from imaging.memory import PIXELS_AT_ONCE
from imaging.orientation import Size

type FloatBox = tuple[float, float, float, float]

_LEAST, _MOST = 1.9, 4.0  # scale factors: below, the finest detail suffers; above, OpenCV is no faster
_TOLERANCE = 1e-6  # of a pixel


def resample(  # noqa: PLR0913 - what a resize has to say
    image: Image.Image, size: Size, *, kernel: str, box: FloatBox, is_coarse: bool, is_linear: bool = False
) -> Image.Image:
    """Scale the part of the image in `box` to `size` pixels.

    `is_coarse`: the image was decoded smaller, so its finest detail is already lost. `is_linear`: light is averaged.
    """
    whole = _to_whole_pixels(box)
    part_size = (whole[2] - whole[0], whole[3] - whole[1]) if whole else (0, 0)
    if whole and part_size == size:  # averaging light would replace the colours of hidden pixels
        return image.crop(whole)
    if is_linear:
        return native.resample_light(image, size, kernel=Image.Resampling[kernel.upper()], box=box)
    if not whole or not is_downscaled_natively(part_size, size, kernel=kernel, is_coarse=is_coarse):
        return image.resize(size, Image.Resampling[kernel.upper()], box)
    part = image if whole == (0, 0, *image.size) else image.crop(whole)
    return apply_premultiplied(part, lambda colors: native.downscale(colors, size))


def is_downscaled_natively(size: Size, to_size: Size, *, kernel: str, is_coarse: bool = False) -> bool:
    """Whether `resample` uses OpenCV to scale an image of `size` to `to_size`."""
    least = 1 if is_coarse else _LEAST
    is_between = all(least <= own / new <= _MOST for own, new in zip(size, to_size, strict=True))
    return kernel == "lanczos" and is_between and math.prod(size) <= PIXELS_AT_ONCE


def _to_whole_pixels(box: FloatBox) -> tuple[int, int, int, int] | None:
    """Return the box in whole pixels, or None if it cuts any."""
    left, top, right, bottom = map(round, box)
    whole = left, top, right, bottom
    return whole if all(abs(a - b) < _TOLERANCE for a, b in zip(whole, box, strict=True)) else None
