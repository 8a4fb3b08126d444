"""Colours under alpha 0: no reader shows them, and filters that mix neighbours would bring them to light."""

import cv2
import numpy as np
from PIL import Image

from imaging.memory import apply_in_bands, split_rows
from imaging.native.arrays import ArrayImage, Pixels, apply_natively, as_pixels, copy_to_image, memory_errors

_REACH = 1  # rows above and below, of a square of 3 x 3

type Planes = list[Pixels]  # one for each colour


def hides_colors(image: Image.Image) -> bool:
    """Return whether some pixels of an image in LA or RGBA, but not all, have alpha 0."""
    is_array = isinstance(image, ArrayImage) and image.pixels is not None
    alpha = _alpha_of(as_pixels(image)) if is_array else np.asarray(image.getchannel("A"))
    low, high, *_ = cv2.minMaxLoc(alpha)
    return bool(low == 0 < high)


def fill_hidden_colors(image: Image.Image) -> Image.Image:
    """Return the image with visible colours nearby in place of those under alpha 0.

    A pixel gets the mean of the visible ones around it; where there are none, that of an image of half the size, and so
    on. Needs a visible pixel.
    """
    with memory_errors():
        half = _fill(*_halve_image(image))
        return apply_in_bands(image, lambda part, top: _fill_rows(part, half, top), reach=_REACH)


def clear_hidden_colors(image: Image.Image) -> Image.Image:
    """Return the image with black under alpha 0, of which every format makes few bytes."""
    return apply_natively(image, lambda pixels: cv2.copyTo(pixels, _alpha_of(pixels)), reach=0)


def _alpha_of(pixels: Pixels) -> Pixels:
    return cv2.extractChannel(pixels, pixels.shape[2] - 1)


def _halve_image(image: Image.Image) -> tuple[Planes, Pixels]:
    """Return the planes of half the size, and where they are known."""
    parts = []
    for top, part in split_rows(image):
        above, below = min(top, _REACH), min(image.height - top - part.height, _REACH)
        around = part
        if above or below:
            around = image.crop((0, top - above, image.width, top + part.height + below))
        planes, known = _spread(*_split(as_pixels(around)))
        rows = slice(above, above + part.height)
        parts.append(_halve([plane[rows] for plane in planes], known[rows]))
    planes = [np.concatenate(same) for same in zip(*(planes for planes, _ in parts), strict=True)]
    return planes, np.concatenate([known for _, known in parts])


def _fill_rows(part: Image.Image, half: Planes, top: int) -> Image.Image:
    pixels = as_pixels(part)
    filled = _combine(*_spread(*_split(pixels)), half, top)
    return copy_to_image(np.dstack([*filled, _alpha_of(pixels)]), part.mode)


def _fill(planes: Planes, known: Pixels) -> Planes:
    planes, known = _spread(planes, known)
    if known.all():
        return planes
    return _combine(planes, known, _fill(*_halve(planes, known)), 0)


def _split(pixels: Pixels) -> tuple[Planes, Pixels]:
    """Return the colours, 0 where they are hidden, and 1 where they are visible."""
    *planes, alpha = cv2.split(pixels)
    known = np.minimum(alpha, 1)
    return [cv2.copyTo(plane, known) for plane in planes], known


def _spread(planes: Planes, known: Pixels) -> tuple[Planes, Pixels]:
    """Give what is not known the mean of what is known around it."""
    count = _sum_around(known)
    means = [cv2.divide(_sum_around(plane), count, dtype=cv2.CV_8U) for plane in planes]
    spread = [cv2.copyTo(plane, known, mean) for plane, mean in zip(planes, means, strict=True)]
    return spread, np.minimum(count, 1).astype(np.uint8)


def _sum_around(plane: Pixels) -> Pixels:
    side = 2 * _REACH + 1
    return cv2.boxFilter(plane, cv2.CV_16U, (side, side), normalize=False, borderType=cv2.BORDER_CONSTANT)


def _halve(planes: Planes, known: Pixels) -> tuple[Planes, Pixels]:
    """Return the mean of what is known in each square of 2 x 2."""
    count = _sum_squares(known)
    halves = [cv2.divide(_sum_squares(plane), count, dtype=cv2.CV_8U) for plane in planes]
    known = np.minimum(count, 1).astype(np.uint8)
    return [cv2.copyTo(plane, known) for plane in halves], known


def _sum_squares(plane: Pixels) -> Pixels:
    height, width = plane.shape
    even = cv2.copyMakeBorder(plane, 0, height % 2, 0, width % 2, cv2.BORDER_CONSTANT, value=0)
    rows = even[0::2].astype(np.uint16) + even[1::2]
    return np.ascontiguousarray(rows[:, 0::2] + rows[:, 1::2])


def _combine(planes: Planes, known: Pixels, half: Planes, top: int) -> Planes:
    """Return what is known and, where nothing is, the pixels of half the size; `top` is the first row of `planes`."""
    height, width = known.shape
    combined = []
    for plane, small in zip(planes, half, strict=True):
        wide = cv2.resize(small[top // 2 : (top + height + 1) // 2], None, fx=2, fy=2, interpolation=cv2.INTER_NEAREST)
        far = np.ascontiguousarray(wide[top % 2 : top % 2 + height, :width])
        combined.append(cv2.copyTo(plane, known, far))
    return combined
