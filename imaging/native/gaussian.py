"""Gaussian blurs. Beyond the edge the outermost pixels are repeated."""

import math
from collections.abc import Callable

import cv2
import numpy as np
from PIL import Image

from imaging.memory import apply_in_bands, band_rows, is_large
from imaging.native.arrays import EDGE, ArrayImage, Pixels, copy_to_image, map_pixels

type BlendFunction = Callable[[Image.Image, Image.Image, int], Image.Image]

_REACH = 2.5  # sigmas; 1 % of a Gaussian is beyond
_LEAST_SIGMA = 2  # from which a Gaussian may be applied to a smaller image without visible differences
_MARGIN = 8  # even, and more than the upsampling reaches
_CONTEXT = 4  # rows, even: more than the weights of the pyramid reach


def gaussian_blur(image: Image.Image, sigma: float) -> Image.Image:
    """Blur with a Gaussian; `sigma` in pixels."""
    return blend_with_blur(image, sigma, lambda _image, blurred, _top: blurred)


def blend_with_blur(
    image: Image.Image,
    sigma: float,
    blend: BlendFunction,
    *,
    prepare: Callable[[Image.Image], Image.Image] = lambda image: image,
) -> Image.Image:
    """Return what `blend` makes of an image and of what `prepare` makes of it, blurred; both work pixel by pixel.

    `blend` gets rows of both, and the number of the first of them: all rows, or bands of a large image, of which there
    is never a blurred copy. The pixels are the same.
    """
    if not is_large(image):
        prepared = prepare(image)
        return blend(image, ArrayImage(map_pixels(lambda pixels: _blur(pixels, sigma), prepared), prepared.mode), 0)
    rows = _BlurredRows(image, sigma, prepare)
    return apply_in_bands(image, lambda part, top: blend(part, rows.read(top, part.height), top))


class _BlurredRows:
    """The blurred rows of a large image, made when they are needed, from a blurred image of half the size."""

    def __init__(self, image: Image.Image, sigma: float, prepare: Callable[[Image.Image], Image.Image]) -> None:
        self._image, self._sigma, self._prepare = image, sigma, prepare
        self._mode = prepare(image.crop((0, 0, 1, 1))).mode
        self._height = image.height + image.height % 2 + 2 * _MARGIN  # with margins
        self._half = self._blur_half() if sigma >= _LEAST_SIGMA else None

    def read(self, top: int, rows: int) -> Image.Image:
        if self._half is not None:
            return copy_to_image(_enlarge(self._half, top, rows)[:, : self._image.width], self._mode)
        reach = _direct_reach(self._sigma)
        above, end = max(0, top - reach), min(self._image.height, top + rows + reach)
        part = self._rows(above, end)
        blurred = map_pixels(lambda pixels: _blur(pixels, self._sigma), part)
        return copy_to_image(blurred[top - above : top - above + rows], self._mode)

    def _rows(self, top: int, end: int) -> Image.Image:
        return self._prepare(self._image.crop((0, top, self._image.width, end)))

    def _blur_half(self) -> Pixels:
        rows = band_rows(self._image.width) // 2
        halves = [self._halve(top, min(self._height // 2, top + rows)) for top in range(0, self._height // 2, rows)]
        half = np.concatenate(halves)
        del halves
        return map_pixels(lambda pixels: _blur_half(pixels, self._sigma), ArrayImage(half, self._mode))

    def _halve(self, top: int, end: int) -> Pixels:
        """Return rows `top` to `end` of the image of half the size."""
        start, stop = max(0, 2 * top - _CONTEXT), min(self._height, 2 * end + _CONTEXT)
        first, last = (min(max(row - _MARGIN, 0), self._image.height - 1) for row in (start, stop - 1))
        margins = (max(0, _MARGIN - start), max(0, stop - _MARGIN - self._image.height))
        part = self._rows(first, last + 1)
        halved = map_pixels(lambda pixels: _halve(pixels, *margins), part)
        return halved[top - start // 2 : end - start // 2]


def _direct_reach(sigma: float) -> int:
    return math.ceil(_REACH * sigma)


def _blur(pixels: Pixels, sigma: float) -> Pixels:
    """Apply broad Gaussians to an image of half the size, recursively, so that the time does not grow with sigma.

    Burt and Adelson, The Laplacian Pyramid as a Compact Image Code, 1983: the weights 1 4 6 4 1 are nearly a Gaussian,
    of variance 1 both on the way down and on the way up.
    """
    if sigma < _LEAST_SIGMA:
        side = 2 * _direct_reach(sigma) + 1
        return cv2.GaussianBlur(pixels, (side, side), sigma, borderType=EDGE)
    height, width = pixels.shape[:2]
    half = _halve(pixels, _MARGIN, _MARGIN + height % 2)
    return _enlarge(_blur_half(half, sigma), 0, height)[:, :width]


def _halve(pixels: Pixels, above: int, below: int) -> Pixels:
    """Return half the size, with margins at the left and the right, and of so many rows above and below."""
    # pyrUp treats edges in another way: its differences stay within the margin.
    wide = cv2.copyMakeBorder(pixels, above, below, _MARGIN, _MARGIN + pixels.shape[1] % 2, EDGE)
    return cv2.pyrDown(wide, borderType=EDGE)


def _blur_half(half: Pixels, sigma: float) -> Pixels:
    return _blur(half, math.sqrt(sigma**2 - 2) / 2)


def _enlarge(half: Pixels, top: int, rows: int) -> Pixels:
    """Return so many rows of twice the size, without the margins above and at the left."""
    start = max(0, (top + _MARGIN) // 2 - _CONTEXT)
    end = (top + _MARGIN + rows) // 2 + _CONTEXT
    first = top + _MARGIN - 2 * start
    return cv2.pyrUp(half[start:end])[first : first + rows, _MARGIN:]
