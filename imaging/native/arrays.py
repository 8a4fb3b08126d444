"""Adapters between images of Pillow and arrays of OpenCV, in all modes of 8 bits a band."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, _imaging

from imaging.memory import apply_in_bands, is_large

type Pixels = NDArray[Any]  # bytes in rows x columns, or rows x columns x bands

EDGE = cv2.BORDER_REPLICATE  # beyond the edge the outermost pixels are repeated
_NO_MEMORY = {cv2.Error.StsNoMem, cv2.Error.StsError}  # the latter if there is no memory for an output

# A worker runs one render a core, and outputs must not depend on other hardware.
cv2.setNumThreads(1)
cv2.ocl.setUseOpenCL(False)


def apply_natively(
    image: Image.Image, change: Callable[[Pixels], Pixels], *, reach: int, mode: str | None = None
) -> Image.Image:
    """Apply `change` to an image, in bands if it is large, and return the result in `mode`.

    `reach` is how many rows above and below a row `change` reads.
    """
    mode = mode or image.mode
    if not is_large(image):
        return ArrayImage(map_pixels(change, image), mode)
    return apply_in_bands(image, lambda part, _: copy_to_image(map_pixels(change, part), mode), reach=reach)


def map_pixels(change: Callable[[Pixels], Pixels], image: Image.Image) -> Pixels:
    """Apply `change` to all pixels. Raises MemoryError where OpenCV has no memory."""
    with memory_errors():
        return change(as_pixels(image))


@contextmanager
def memory_errors() -> Iterator[None]:
    """Translate what OpenCV raises where it has no memory into MemoryError."""
    try:
        yield
    except cv2.error as error:
        if error.code in _NO_MEMORY:
            raise MemoryError from error
        raise


def as_pixels(image: Image.Image) -> Pixels:
    """Return the pixels of an image, which must not be written to."""
    held = image.pixels if isinstance(image, ArrayImage) else None
    return np.asarray(image) if held is None else held


class ArrayImage(Image.Image):
    """An image that stays an array until Pillow loads its pixels, as it does those of a file.

    So native functions that follow one another, or a decoder, need no copies.
    """

    def __init__(self, pixels: Pixels, mode: str) -> None:
        super().__init__()
        self.pixels: Pixels | None = pixels
        self._mode, self._size = mode, (pixels.shape[1], pixels.shape[0])

    def load(self) -> Any:  # noqa: ANN401 - as Pillow's
        if self.pixels is not None:
            self.im, self.pixels = _to_pillow(self), None  # Pillow may change its copy from now on
        return super().load()


def _to_pillow(image: ArrayImage) -> Any:  # noqa: ANN401 - Pillow has no public name for it
    """Return a copy of the pixels in the layout of Pillow, where RGB takes four bytes."""
    if image.mode == "RGB":
        wide = map_pixels(lambda pixels: cv2.cvtColor(pixels, cv2.COLOR_RGB2RGBA), image)
        return _imaging.map_buffer(wide, image.size, "raw", 0, (image.mode, 0, 1))
    return copy_to_image(as_pixels(image), image.mode).im


def copy_to_image(pixels: Pixels, mode: str, *, rawmode: str | None = None) -> Image.Image:
    """Copy pixels into blocks of Pillow: slower than one piece of memory, but available when memory is fragmented.

    `rawmode` is Pillow's name of the order of their bands, if that is another than in `mode`.
    """
    image = Image.new(mode, (pixels.shape[1], pixels.shape[0]), None)  # not filled: every pixel is written
    image.frombytes(*_raw_rows(pixels, rawmode or mode))
    return image


def _raw_rows(pixels: Pixels, mode: str) -> tuple[Any, ...]:
    """Return what Pillow's `frombytes` reads, without copying pixels that are part of a larger array."""
    line, line_bytes = pixels.strides[0], pixels[0].nbytes
    memory = np.lib.stride_tricks.as_strided(pixels, (line * (len(pixels) - 1) + line_bytes,), (1,), writeable=False)
    return memory, "raw", mode, line, 1
