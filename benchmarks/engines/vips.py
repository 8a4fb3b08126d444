"""libvips through pyvips, streaming where the operation permits. One thread: there is one process per core."""

import math
import os
from collections.abc import Callable
from functools import partial

os.environ["VIPS_CONCURRENCY"] = "1"  # read when libvips is loaded

import pyvips

from benchmarks.engines import rows as row_data
from benchmarks.engines.loop import serve
from benchmarks.engines.rows import Row, rows

_SEPIA = pyvips.Image.new_from_array([[0.393, 0.769, 0.189], [0.349, 0.686, 0.168], [0.272, 0.534, 0.131]])
_SHARPEN = pyvips.Image.new_from_array([[-2, -2, -2], [-2, 32, -2], [-2, -2, -2]], scale=16)
_SLOPE = math.tan((row_data.CONTRAST / 100 + 1) * math.pi / 4)
_LUMA = (0.299, 0.587, 0.114)
_MORE = row_data.SATURATION / 100
_SATURATE = pyvips.Image.new_from_array(
    [[(1 + _MORE) * (row == column) - _MORE * _LUMA[column] for column in range(3)] for row in range(3)]
)
# As Darkroom writes them: a baseline JPEG without a second pass, and the effort that gives a file of about its size.
_SAVE = {
    "jpeg": (".jpg", {"Q": row_data.JPEG_QUALITY, "keep": "none"}),
    "png": (".png", {"filter": "all", "compression": 2, "keep": "none"}),
    "webp": (".webp", {"Q": row_data.WEBP_QUALITY, "effort": 2, "keep": "none"}),
    "avif": (".avif", {"Q": row_data.AVIF_QUALITY, "effort": 0, "keep": "none"}),
}


def _opened(data: bytes, access: str = "sequential") -> pyvips.Image:
    return pyvips.Image.new_from_buffer(data, "", access=access)


def _contrast(image: pyvips.Image) -> pyvips.Image:
    return image.linear(_SLOPE, 127.5 * (1 - _SLOPE), uchar=True)


def _unsharp(data: bytes) -> pyvips.Image:
    """Not vips's own sharpen, which works on L of LAB and takes longer."""
    image, more = _opened(data, "random"), row_data.UNSHARP_PERCENT / 100
    return (image * (1 + more) - image.gaussblur(row_data.UNSHARP_SIGMA) * more).cast("uchar")


def _tones(data: bytes) -> pyvips.Image:
    brighter = _opened(data).linear(1, row_data.BRIGHTNESS * 2.55, uchar=True)
    return _contrast(brighter).recomb(_SATURATE).cast("uchar")


def _chain(data: bytes) -> pyvips.Image:
    resized = pyvips.Image.thumbnail_buffer(data, row_data.CHAIN_SIDE, height=row_data.CHAIN_SIDE)
    return _contrast(resized).recomb(_SEPIA).cast("uchar").conv(_SHARPEN, precision="integer")


_OPERATIONS: dict[str, Callable[[bytes], pyvips.Image]] = {
    "grayscale": lambda data: _opened(data).colourspace("b-w"),
    "sepia": lambda data: _opened(data).recomb(_SEPIA).cast("uchar"),
    "blur 2": lambda data: _opened(data).gaussblur(2),
    "blur 10": lambda data: _opened(data).gaussblur(10),
    "unsharp": _unsharp,
    "resize 800": lambda data: pyvips.Image.thumbnail_buffer(data, 800),
    "rotate 90": lambda data: _opened(data, "random").rot90(),
    "tones": _tones,
    "chain": _chain,
    "as it is": _opened,
}


def _render(data: bytes, *, row: Row) -> bytes:
    suffix, options = _SAVE[row.format]
    saved: bytes = _OPERATIONS[row.operation](data).write_to_buffer(suffix, **options)
    return saved


if __name__ == "__main__":
    pyvips.cache_set_max(0)
    serve({row.key: partial(_render, row=row) for row in rows()})
