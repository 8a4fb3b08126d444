"""The bridge to OpenCV, for filters of neighbourhoods: there Pillow takes three to two hundred times as long.

Pictures are in any mode of 8 bits a band. Beyond a picture's edge its last pixels go on.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

type _Pixels = NDArray[Any]  # bytes in rows x columns, or rows x columns x bands

_EDGE = cv2.BORDER_REPLICATE
_REACH = 2.5  # sigmas; a bell holds 1 % beyond
_LEAST_SIGMA = 2  # of a bell on a reduced picture: below it, the reduction shows
_HALF_UP = 1e-4  # OpenCV rounds halves to even values, Pillow up
_PIXELS_AT_ONCE = 2**24  # the copies of larger pictures are made in parts, to be short of memory later
_TILE = 256
_LEAST_COUNT = 2  # up to here a value is no mode
_MOST_OF_A_BYTE = 255
_NO_MEMORY = {cv2.Error.StsNoMem, cv2.Error.StsError}  # the latter when it is an output that has no place

# A worker runs one render a core, and nothing may depend on what else a machine has.
cv2.setNumThreads(1)
cv2.ocl.setUseOpenCL(False)


def gaussian(image: Image.Image, sigma: float) -> Image.Image:
    """Weighed by a bell."""
    return _changed(image, lambda pixels: _blurred(pixels, sigma), reach=_bell_reach(sigma))


def unsharp(image: Image.Image, sigma: float, *, amount: float, threshold: int) -> Image.Image:
    """Each value moves by `amount` times what it is above or below its blurred copy, if that is above `threshold`."""
    return _changed(image, lambda pixels: _unsharp(pixels, sigma, amount, threshold), reach=_bell_reach(sigma))


def box(image: Image.Image, across: int, down: int) -> Image.Image:
    """The mean of a box; both sides are odd."""
    return _changed(image, lambda pixels: cv2.blur(pixels, (across, down), borderType=_EDGE), reach=down // 2)


def convolved(image: Image.Image, weights: Sequence[float], *, scale: float = 1, offset: float = 0) -> Image.Image:
    """The sum of a square weighed row by row from the top left, divided by `scale`, plus `offset`."""
    side = math.isqrt(len(weights))
    kernel, delta = np.reshape(weights, (side, side)) / scale, offset + _HALF_UP

    def change(pixels: _Pixels) -> _Pixels:
        return cv2.filter2D(pixels, -1, kernel, delta=delta, borderType=_EDGE)

    return _changed(image, change, reach=side // 2)


def median(image: Image.Image, side: int) -> Image.Image:
    return _changed(image, lambda pixels: cv2.medianBlur(pixels, side), reach=side // 2)


def darkest(image: Image.Image, side: int) -> Image.Image:
    return _changed(image, lambda pixels: cv2.erode(pixels, np.ones((side, side))), reach=side // 2)


def lightest(image: Image.Image, side: int) -> Image.Image:
    return _changed(image, lambda pixels: cv2.dilate(pixels, np.ones((side, side))), reach=side // 2)


def most_frequent(image: Image.Image, side: int) -> Image.Image:
    """The lowest of the most frequent values; a pixel stays where none is there three times."""
    return _changed(image, lambda pixels: _most_frequent(pixels, side), reach=side // 2, rows=_TILE)


def _changed(
    image: Image.Image, change: Callable[[_Pixels], _Pixels], *, reach: int, rows: int | None = None
) -> Image.Image:
    """A picture of what `change` makes of so many rows, or of all, given `reach` rows above and below."""
    rows = rows or max(reach, _PIXELS_AT_ONCE // image.width)
    if image.height <= rows:
        return _picture(_taken(change, image), image.mode)
    changed = Image.new(image.mode, image.size)
    for top in range(0, image.height, rows):
        above = min(top, reach)
        part = image.crop((0, top - above, image.width, min(image.height, top + rows + reach)))
        changed.paste(_picture(_taken(change, part)[above : above + rows], image.mode), (0, top))
    return changed


def _taken(change: Callable[[_Pixels], _Pixels], image: Image.Image) -> _Pixels:
    try:
        return change(np.asarray(image))
    except cv2.error as error:
        if error.code in _NO_MEMORY:
            raise MemoryError from error
        raise


def _picture(pixels: _Pixels, mode: str) -> Image.Image:
    height, width = pixels.shape[:2]
    return Image.frombuffer(mode, (width, height), np.ascontiguousarray(pixels), "raw", mode, 0, 1)


def _bell_reach(sigma: float) -> int:
    return math.ceil(_REACH * sigma) + 1


def _blurred(pixels: _Pixels, sigma: float) -> _Pixels:
    """A broad bell is laid over a smaller picture, so that the time does not grow with it."""
    shrunk = 2 ** max(0, math.floor(math.log2(sigma / _LEAST_SIGMA)))
    if shrunk == 1:
        side = 2 * math.ceil(_REACH * sigma) + 1
        return cv2.GaussianBlur(pixels, (side, side), sigma, borderType=_EDGE)
    height, width = pixels.shape[:2]
    margin = shrunk * math.ceil(_bell_reach(sigma) / shrunk)
    wide = cv2.copyMakeBorder(pixels, margin, margin - height % -shrunk, margin, margin - width % -shrunk, _EDGE)
    size = (wide.shape[1], wide.shape[0])
    small = cv2.resize(wide, (size[0] // shrunk, size[1] // shrunk), interpolation=cv2.INTER_AREA)
    # Shrinking takes the mean of a box and growing weighs by a triangle: together they blur by this variance.
    bell = math.sqrt(sigma**2 - (shrunk**2 - 1) / 4) / shrunk
    grown = cv2.resize(_blurred(small, bell), size, interpolation=cv2.INTER_LINEAR)
    return grown[margin : margin + height, margin : margin + width]


def _unsharp(pixels: _Pixels, sigma: float, amount: float, threshold: int) -> _Pixels:
    blurred = _blurred(pixels, sigma)
    sharp = cv2.addWeighted(pixels, 1 + amount, blurred, -amount, 0)
    if threshold:
        little = cv2.absdiff(pixels, blurred) <= threshold
        cv2.copyTo(_flat(pixels), _flat(little.view(np.uint8)), _flat(sharp))
    return sharp


def _most_frequent(pixels: _Pixels, side: int) -> _Pixels:
    """By tiles of one band: fewer values to count, in memory that is near."""
    half, modes = side // 2, np.empty_like(pixels)
    for plane, out in zip(
        np.atleast_3d(pixels).transpose(2, 0, 1), np.atleast_3d(modes).transpose(2, 0, 1), strict=True
    ):
        for left in range(0, plane.shape[1], _TILE):
            before = min(left, half)
            tile = plane[:, left - before : left + _TILE + half]
            out[:, left : left + _TILE] = _modes(np.ascontiguousarray(tile), side)[:, before : before + _TILE]
    return modes


def _modes(plane: _Pixels, side: int) -> _Pixels:
    """Counts one value after the other, in the squares around all pixels at once."""
    kind = np.uint8 if side * side <= _MOST_OF_A_BYTE else np.uint16
    most, modes = np.full(plane.shape, _LEAST_COUNT, kind), plane.copy()
    padded = np.pad(np.zeros(plane.shape, kind), side // 2)
    inside = padded[side // 2 :, side // 2 :][: plane.shape[0], : plane.shape[1]]
    for value in np.flatnonzero(np.bincount(plane.ravel(), minlength=256)):
        np.equal(plane, value, out=inside, casting="unsafe")
        counts = _sums(_sums(padded, side).T, side).T
        cv2.copyTo(np.full_like(plane, value), (counts > most).view(np.uint8), modes)
        np.maximum(most, counts, out=most)
    return modes


def _sums(values: _Pixels, length: int) -> _Pixels:
    """Of so many neighbours down the rows, put together from sums of 1, 2, 4 ... of them."""
    count = values.shape[0] - length + 1
    sums, width, start = np.zeros_like(values[:count]), 1, 0
    while True:
        if length & width:
            sums += values[start : start + count]
            start += width
        if start == length:
            return sums
        values, width = values[:-width] + values[width:], 2 * width


def _flat(pixels: _Pixels) -> _Pixels:
    """The same memory with one band: a mask of OpenCV has no more."""
    return pixels.reshape(pixels.shape[0], -1)
