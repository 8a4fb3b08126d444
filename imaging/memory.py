"""How the memory of a render process is used."""

import ctypes
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from PIL import Image, _imaging

PIXELS_AT_ONCE = 2**24  # larger images are processed in bands: a whole copy of one may not fit into memory
_PIXELS_IN_BAND = 2**21
_EVEN_ROWS = 4  # so that bands of any mode start at whole words

_MAPPED_BYTES = 12 * 2**20  # more than what a band takes, less than a block of Pillow
_M_MMAP_THRESHOLD = -3  # of mallopt

type BandFunction = Callable[[Image.Image, int], Image.Image]


def is_large(image: Image.Image) -> bool:
    """Whether an image is processed in bands."""
    return image.width * image.height > PIXELS_AT_ONCE


def apply_in_bands(image: Image.Image, change: BandFunction, *, reach: int = 0) -> Image.Image:
    """Apply `change` to some rows of an image at a time if it is large; `change` keeps the size.

    `change` gets rows, and the number of the first of them. `reach` is how many rows above and below a row it reads.
    """
    if not is_large(image):
        return change(image, 0)
    result: Image.Image | None = None
    rows = band_rows(image.width, reach=reach)
    for top in range(0, image.height, rows):
        above, end = max(0, top - reach), min(image.height, top + rows)
        changed = change(image.crop((0, above, image.width, min(image.height, end + reach))), above)
        inner = changed if reach == 0 else changed.crop((0, top - above, image.width, end - above))
        result = result or Image.new(inner.mode, image.size, None)  # not filled: every pixel is written
        result.paste(inner, (0, top))
    assert result is not None  # noqa: S101 - a large image has rows
    return result


def split_rows(image: Image.Image) -> Iterator[tuple[int, Image.Image]]:
    """Yield the bands of a large image, or the image itself, each with the number of its first row."""
    rows = band_rows(image.width) if is_large(image) else image.height
    for top in range(0, image.height, rows):
        part = image if rows == image.height else image.crop((0, top, image.width, min(image.height, top + rows)))
        yield top, part


def band_rows(width: int, *, reach: int = 0) -> int:
    """Return how many rows of a large image make one band, a multiple of four."""
    return max(reach, _PIXELS_IN_BAND // width, 1) // _EVEN_ROWS * _EVEN_ROWS + _EVEN_ROWS


@contextmanager
def mapping_memory(size: tuple[int, int]) -> Iterator[None]:
    """Have memory of a large image mapped by itself while the body runs, so that it is returned when it is freed.

    What glibc keeps in its heap instead, as render processes have it for speed, has holes in which no image fits.
    """
    set_option = getattr(ctypes.CDLL(None), "mallopt", None)  # glibc's
    if not set_option or size[0] * size[1] <= PIXELS_AT_ONCE:
        yield
        return
    give_memory_back()
    set_option(_M_MMAP_THRESHOLD, _MAPPED_BYTES)
    try:
        yield
    finally:
        give_memory_back()
        set_option(_M_MMAP_THRESHOLD, int(os.environ.get("MALLOC_MMAP_THRESHOLD_", _MAPPED_BYTES)))


_MOST_WORDS = 30_000_000


def has_room_for_words(size: tuple[int, int], bands: int) -> bool:
    """Whether samples of 16 bits fit into memory as two images, and once more while they are decoded or encoded."""
    return size[0] * size[1] * bands <= _MOST_WORDS


def give_memory_back() -> None:
    """Free the blocks that Pillow caches for its next images: OpenCV and the encoders cannot use them."""
    _imaging.clear_cache()
