"""Photographs of the largest size that is accepted, in every format and variant that is stored in another way."""

import struct
import zlib
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from io import BytesIO
from typing import Any

import numpy as np
import pyjpegxl
from numpy.typing import NDArray
from PIL import Image

from tests.harness.deployment import ROOT

SIDE = 7000  # 49 megapixels
_PHOTOGRAPH = ROOT / "examples" / "pictures" / "coffee.jpg"
_PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))  # Adam7
_COLOR_TYPES = {1: 0, 2: 4, 3: 2, 4: 6}


@cache
def _photograph(mode: str) -> Image.Image:
    with Image.open(_PHOTOGRAPH) as source:
        image = source.convert("RGB").resize((SIDE, SIDE), Image.Resampling.BICUBIC)
    if mode == "RGBA":
        image.putalpha(Image.linear_gradient("L").resize(image.size))
    return image if mode in {"RGB", "RGBA"} else image.quantize(64) if mode == "P" else image.convert(mode)


def _saved(mode: str, pillow_format: str, **options: Any) -> bytes:  # noqa: ANN401 - Pillow's own
    out = BytesIO()
    _photograph(mode).save(out, pillow_format, **options)
    return out.getvalue()


def _jxl(mode: str) -> bytes:
    return pyjpegxl.encode_from_numpy(np.array(_photograph(mode)), speed=pyjpegxl.EncoderSpeed.Falcon)


def _png(mode: str, *, is_deep: bool = False, is_interlaced: bool = False) -> bytes:
    """A PNG of a kind that Pillow does not write: with 16 bits a sample, or interlaced."""
    pixels = np.asarray(_photograph(mode))
    bands = pixels.shape[2]
    header = struct.pack(">IIBBBBB", SIDE, SIDE, 16 if is_deep else 8, _COLOR_TYPES[bands], 0, 0, is_interlaced)
    parts = _PASSES if is_interlaced else ((0, 0, 1, 1),)
    packer = zlib.compressobj(1)
    data = b"".join(
        packer.compress(row)
        for part in parts
        for row in _rows(pixels[part[1] :: part[3], part[0] :: part[2]], is_deep=is_deep)
    )
    chunks = (_chunk(b"IHDR", header), _chunk(b"IDAT", data + packer.flush()), _chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def _rows(pixels: NDArray[np.uint8], *, is_deep: bool) -> Iterator[bytes]:
    """Yield filtered rows: each as the differences to the row above, with 257 times its value where it is deep."""
    before = np.zeros_like(pixels[0])
    for row in pixels:
        difference = row - before
        yield b"\x02" + (np.repeat(difference, 2, axis=-1) if is_deep else difference).tobytes()
        before = row


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


SOURCES: Mapping[str, Callable[[], bytes]] = {
    "JPEG": lambda: _saved("RGB", "JPEG", quality=90),
    "JPEG, progressive": lambda: _saved("RGB", "JPEG", quality=90, progressive=True),
    "JPEG, CMYK": lambda: _saved("CMYK", "JPEG", quality=90),
    "PNG, RGB": lambda: _saved("RGB", "PNG", compress_level=1),
    "PNG, RGBA": lambda: _saved("RGBA", "PNG", compress_level=1),
    "PNG, palette": lambda: _saved("P", "PNG", compress_level=1),
    "PNG, 16 bits": lambda: _png("RGB", is_deep=True),
    "PNG, 16 bits, RGBA": lambda: _png("RGBA", is_deep=True),
    "PNG, interlaced": lambda: _png("RGB", is_interlaced=True),
    "WebP": lambda: _saved("RGB", "WEBP", method=0),
    "WebP, alpha": lambda: _saved("RGBA", "WEBP", method=0),
    "WebP, lossless": lambda: _saved("RGB", "WEBP", lossless=True, method=0, quality=0),
    "AVIF": lambda: _saved("RGB", "AVIF", speed=10),
    "HEIC": (ROOT / "tests/unit/imaging/codecs/heic_49_mp.heic").read_bytes,
    "JPEG XL": lambda: _jxl("RGB"),
    "JPEG XL, alpha": lambda: _jxl("RGBA"),
    "GIF": lambda: _saved("P", "GIF"),
    "TIFF": lambda: _saved("RGB", "TIFF", compression="tiff_lzw"),
    "BMP": lambda: _saved("P", "BMP"),
}
