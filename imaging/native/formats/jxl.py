"""Decodes and encodes JPEG XL with libjxl, which pyjpegxl has.

It gets codestreams only: for a box, it allocates as many bytes as the box claims to have. A profile it would put into a
box that no other reader knows.
"""

from typing import Any

import brotli
import numpy as np
from PIL import Image

from core.errors import UnsupportedImageFeature
from imaging.native.arrays import ArrayImage, Pixels, as_pixels
from imaging.native.words import BytePair, interleave_words, split_words

try:
    import pyjpegxl
except ImportError:  # it has no wheel for this machine: ADR 34
    pyjpegxl = None  # type: ignore[assignment]
else:
    pyjpegxl.set_num_threads(1)  # a worker runs one render a core

_EFFORTS = ("Lightning", "Thunder", "Falcon", "Cheetah", "Hare", "Wombat", "Squirrel")
_PIXEL_BYTES, _THOROUGH_PIXEL_BYTES, _THOROUGH = 18, 22, 6  # that encoding takes, the latter from this effort on


def read_jxl_profile(codestream: bytes) -> bytes:
    """Return the ICC profile of its pixels, which libjxl makes where there is none. Raises RuntimeError."""
    _check_available()
    return pyjpegxl.probe(codestream).icc or b""


def decode_jxl(codestream: bytes, size: tuple[int, int], mode: str) -> Image.Image:
    """Return its pixels, upright, at 8 bits a sample. Raises RuntimeError or ValueError for what is damaged."""
    return ArrayImage(_decode(codestream, size, mode, np.uint8), mode)


def decode_jxl_words(codestream: bytes, size: tuple[int, int], mode: str) -> BytePair:
    """Return the same at 16 bits."""
    return split_words(_decode(codestream, size, mode, np.uint16), mode)


def encode_jxl(pixels: Image.Image | BytePair, *, distance: float, effort: int) -> bytes:
    """Return the codestream of an image in L, LA, RGB or RGBA, or of a pair of such at 16 bits, in sRGB.

    `distance` is Butteraugli's, 0 for lossless; `effort` is 1 (fastest) to 7. Raises MemoryError.
    """
    _check_available()
    samples = _to_words(pixels) if isinstance(pixels, tuple) else np.ascontiguousarray(as_pixels(pixels))
    # Without memory libjxl would end the process.
    bytearray(samples.shape[0] * samples.shape[1] * (_PIXEL_BYTES if effort < _THOROUGH else _THOROUGH_PIXEL_BYTES))
    speed = getattr(pyjpegxl.EncoderSpeed, _EFFORTS[effort - 1])
    options: dict[str, Any] = {"lossless": True} if distance == 0 else {"quality": distance}
    return pyjpegxl.encode_from_numpy(samples, speed=speed, **options)


def decompress_brotli(data: bytes, *, most_bytes: int) -> bytes:
    """Return the first `most_bytes`, or some more. Raises ValueError."""
    try:
        return bytes(brotli.Decompressor().process(data, output_buffer_limit=most_bytes))
    except brotli.error as error:
        raise ValueError(str(error)) from error


def _check_available() -> None:
    if pyjpegxl is None:
        raise UnsupportedImageFeature("JPEG XL is not supported on the processor of this server.")


def _decode(codestream: bytes, size: tuple[int, int], mode: str, kind: type[np.uint8 | np.uint16]) -> Pixels:
    bands = len(mode)  # also of RGBa
    pixels = np.empty((size[1], size[0], bands), kind)
    pyjpegxl.decode_into(codestream, pixels)
    return pixels[:, :, 0] if bands == 1 else pixels


def _to_words(pair: BytePair) -> Pixels:
    stored = as_pixels(interleave_words(pair, big_endian=False))
    return stored.reshape(-1).view("<u2").reshape(as_pixels(pair[0]).shape)
