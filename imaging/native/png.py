"""What is compressed in a PNG, by libdeflate (ADR 22). Numbers and names are those of the PNG specification."""

import struct
from collections.abc import Iterator
from itertools import islice

import deflate
import numpy as np
from PIL import Image

from imaging.memory import PIXELS_AT_ONCE
from imaging.native.arrays import Pixels, as_pixels

_NONE, _UP = 0, 2  # types of filters
_BANDS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # by colour type
_SIGNATURE, _FRAME = 8, 12  # bytes; of a chunk its length, name and checksum
_MOST_CHUNKS = 2**16
_MOST_STORED = 2**16 - 1  # bytes of a block
_COMPRESSOR_BYTES = 2**20  # and more than libdeflate takes for itself up to level 9


def deflate_png(image: Image.Image, *, level: int, is_drawing: bool) -> bytearray:
    """What belongs into IDAT chunks, with so much effort: 1 (quickest) to 9.

    From a photograph's rows those above are map_pixels. A drawing's are compressed both with and without that.
    """
    pixels = as_pixels(image)
    rows = pixels.reshape(len(pixels), -1)
    kinds = (_UP, _NONE) if is_drawing else (_UP,)
    return min((_deflate(_filter_rows(rows, kind), level) for kind in kinds), key=len)


def _deflate(lines: Pixels, level: int) -> bytearray:
    """Raises MemoryError, where `deflate` 0.9 would write to nowhere if libdeflate got no memory for itself."""
    np.empty(_COMPRESSOR_BYTES, np.uint8)
    return deflate.zlib_compress(lines, level)


def _filter_rows(rows: Pixels, kind: int) -> Pixels:
    lines = np.empty((rows.shape[0], 1 + rows.shape[1]), np.uint8)
    lines[:, 0], lines[:, 1:] = kind, rows
    if kind == _UP:
        lines[1:, 1:] -= rows[:-1]
    return lines


def inflate_png(data: bytes, size: tuple[int, int]) -> bytes | None:
    """The same PNG with nothing compressed in it, so that whoever reads it need only copy.

    None for what is large, interlaced, animated, not of that size, or for libdeflate to complain of.
    """
    width, height, depth, color, _, _, interlaced = struct.unpack_from(">IIBBBBB", data, _SIGNATURE + 8)
    found = _idat(data)
    is_known = color in _BANDS and not interlaced and (width, height) == size
    if not found or not is_known or width * height > PIXELS_AT_ONCE:
        return None
    start, end, parts = found
    rows = _inflate_rows(b"".join(parts), height * (1 + (width * depth * _BANDS[color] + 7) // 8))
    if not rows:
        return None
    return b"".join([data[:start], *_chunk(b"IDAT", b"".join(_store(memoryview(rows)))), data[end:]])


def _inflate_rows(packed: bytes, length: int) -> bytearray | None:
    """None for too few of them, and for what was made to take long: blocks without end that hold nothing."""
    if len(packed) > 2 * length + _MOST_STORED:
        return None
    try:
        rows = deflate.zlib_decompress(packed, length)
    except deflate.DeflateError:
        return None
    return rows if len(rows) == length else None


def _idat(data: bytes) -> tuple[int, int, list[memoryview]] | None:
    """Where the first begins and the last ends, and what is in them, if they follow each other and show no film."""
    chunks = list(islice(_chunks(data), _MOST_CHUNKS))
    places = [place for place, (name, _, _) in enumerate(chunks) if name == b"IDAT"]
    if not places or places[-1] - places[0] != len(places) - 1 or any(name == b"acTL" for name, _, _ in chunks):
        return None
    ours = chunks[places[0] : places[-1] + 1]
    return ours[0][1], ours[-1][2], [memoryview(data)[start + 8 : end - 4] for _, start, end in ours]


def _chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """The name of each that is whole, and where it begins and ends."""
    start = _SIGNATURE
    while start + _FRAME <= len(data):
        length, name = struct.unpack_from(">I4s", data, start)
        end = start + _FRAME + length
        if end <= len(data):
            yield name, start, end
        start = end


def _chunk(name: bytes, content: bytes) -> tuple[bytes, ...]:
    return (
        struct.pack(">I", len(content)),
        name,
        content,
        struct.pack(">I", deflate.crc32(content, deflate.crc32(name))),
    )


def _store(rows: memoryview) -> Iterator[bytes | memoryview]:
    """As zlib has it, in blocks that are not compressed: RFC 1950 and 1951."""
    yield b"\x78\x01"
    for start in range(0, len(rows), _MOST_STORED):
        block = rows[start : start + _MOST_STORED]
        is_last = start + _MOST_STORED >= len(rows)
        yield struct.pack("<BHH", is_last, len(block), len(block) ^ 0xFFFF)
        yield block
    yield struct.pack(">I", deflate.adler32(rows))
