"""Between Pillow's pictures and OpenCV's arrays. Pictures are in any mode of 8 bits a band."""

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, _imaging

from imaging.memory import PIXELS_AT_ONCE

type Pixels = NDArray[Any]  # bytes in rows x columns, or rows x columns x bands

EDGE = cv2.BORDER_REPLICATE  # beyond a picture's edge its last pixels go on
_NO_MEMORY = {cv2.Error.StsNoMem, cv2.Error.StsError}  # the latter when it is an output that has no place

# A worker runs one render a core, and nothing may depend on what else a machine has.
cv2.setNumThreads(1)
cv2.ocl.setUseOpenCL(False)


def apply_in_bands(
    image: Image.Image,
    change: Callable[[Pixels], Pixels],
    *,
    reach: int,
    rows: int | None = None,
    mode: str | None = None,
) -> Image.Image:
    """A picture of what `change` makes of so many rows, or of all, given `reach` rows above and below."""
    rows, mode = rows or max(reach, PIXELS_AT_ONCE // image.width), mode or image.mode
    if image.height <= rows:
        return ArrayImage(map_pixels(change, image), mode)
    result = Image.new(mode, image.size)
    for top in range(0, image.height, rows):
        above = min(top, reach)
        part = image.crop((0, top - above, image.width, min(image.height, top + rows + reach)))
        result.paste(_copy_to_image(map_pixels(change, part)[above : above + rows], mode), (0, top))
    return result


def map_pixels(change: Callable[[Pixels], Pixels], image: Image.Image) -> Pixels:
    try:
        return change(as_pixels(image))
    except cv2.error as error:
        if error.code in _NO_MEMORY:
            raise MemoryError from error
        raise


def as_pixels(image: Image.Image) -> Pixels:
    """Not to be written to."""
    held = image.pixels if isinstance(image, ArrayImage) else None
    return np.asarray(image) if held is None else held


class ArrayImage(Image.Image):
    """A picture that stays an array until Pillow asks for its pixels, as it does for those of a file.

    What decodes into an array, and kernels that follow one another, need no copies.
    """

    def __init__(self, pixels: Pixels, mode: str) -> None:
        super().__init__()
        self.pixels: Pixels | None = pixels
        self._mode, self._size = mode, (pixels.shape[1], pixels.shape[0])

    def load(self) -> Any:  # noqa: ANN401 - as Pillow's
        if self.pixels is not None:
            self.im, self.pixels = _to_pillow(self), None  # which Pillow may change from now on
        return super().load()


def _to_pillow(picture: ArrayImage) -> Any:  # noqa: ANN401 - Pillow has no public name for it
    """A copy of the pixels as Pillow holds them: red, green and blue take four bytes."""
    if picture.mode == "RGB":
        wide = map_pixels(lambda pixels: cv2.cvtColor(pixels, cv2.COLOR_RGB2RGBA), picture)
        return _imaging.map_buffer(wide, picture.size, "raw", 0, (picture.mode, 0, 1))
    return _copy_to_image(as_pixels(picture), picture.mode).im


def _copy_to_image(pixels: Pixels, mode: str) -> Image.Image:
    """In Pillow's own blocks: slower than one piece of memory, and found where many pictures have left holes."""
    image = Image.new(mode, (pixels.shape[1], pixels.shape[0]), None)  # not filled: all of it is written
    image.frombytes(*_raw_rows(pixels, mode))
    return image


def _raw_rows(pixels: Pixels, mode: str) -> tuple[Any, ...]:
    """What Pillow reads pixels from, without a copy of those that are a part of more."""
    line, line_bytes = pixels.strides[0], pixels[0].nbytes
    memory = np.lib.stride_tricks.as_strided(pixels, (line * (len(pixels) - 1) + line_bytes,), (1,), writeable=False)
    return memory, "raw", mode, line, 1
