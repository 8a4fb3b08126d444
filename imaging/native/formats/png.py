"""Compresses and decompresses the data of PNGs with libdeflate (ADR 22). Names are those of the PNG specification."""

import struct
from collections.abc import Iterator
from itertools import islice

import deflate
import numpy as np
from PIL import Image

from imaging.memory import PIXELS_AT_ONCE
from imaging.native.arrays import Pixels, as_pixels

_NONE, _UP = 0, 2  # filter types
_BYTE = 8
_BANDS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # by colour type
_SIGNATURE, _FRAME = 8, 12  # bytes; the latter are length, name and checksum of a chunk
_MOST_CHUNKS = 2**16
_MOST_STORED = 2**16 - 1  # bytes of a stored block
_LAST_GREEDY_LEVEL = 9
_COMPRESSOR_BYTES, _OPTIMAL_COMPRESSOR_BYTES = 2**20, 2**24  # more than libdeflate allocates up to level 9, and to 12
_TRIAL_LEVEL = 6  # at which filters are compared


def deflate_png(image: Image.Image, *, level: int, is_drawing: bool, depth: int = 8) -> bytearray:
    """Return the zlib stream for IDAT chunks; `level` is 1 (fastest) to 12.

    Photographs use the filter Up. Drawings are compressed with and without it, and the smaller result is used.
    `depth` is bits a sample, below 8 for L and P: of a level the highest are written, of an index the lowest.
    """
    pixels = as_pixels(image)
    rows = pixels.reshape(len(pixels), -1)
    if depth < _BYTE:
        rows = _pack_samples(rows >> (_BYTE - depth) if image.mode == "L" else rows, depth)
    if not is_drawing:
        return _deflate(_filter_rows(rows, _UP), level)
    trials = {kind: _deflate(_filter_rows(rows, kind), min(level, _TRIAL_LEVEL)) for kind in (_UP, _NONE)}
    best = min(trials, key=lambda kind: len(trials[kind]))
    return trials[best] if level <= _TRIAL_LEVEL else _deflate(_filter_rows(rows, best), level)


def _pack_samples(rows: Pixels, depth: int) -> Pixels:
    """Pack samples of 1, 2 or 4 bits into bytes, the leftmost in the highest bits."""
    step = _BYTE // depth
    packed = np.zeros((len(rows), -(-rows.shape[1] // step)), np.uint8)
    for index in range(step):
        samples = rows[:, index::step]
        packed[:, : samples.shape[1]] |= samples << (_BYTE - depth * (index + 1))
    return packed


def _deflate(lines: Pixels, level: int) -> bytearray:
    """Compress, or raise MemoryError: without memory for libdeflate, `deflate` 0.9 would write to a null pointer."""
    np.empty(_COMPRESSOR_BYTES if level <= _LAST_GREEDY_LEVEL else _OPTIMAL_COMPRESSOR_BYTES, np.uint8)
    return deflate.zlib_compress(lines, level)


def _filter_rows(rows: Pixels, kind: int) -> Pixels:
    lines = np.empty((rows.shape[0], 1 + rows.shape[1]), np.uint8)
    lines[:, 0], lines[:, 1:] = kind, rows
    if kind == _UP:
        lines[1:, 1:] -= rows[:-1]
    return lines


def crc32(data: bytes | memoryview) -> int:
    """Return the checksum of name and content of a chunk."""
    return int(deflate.crc32(data))


def inflate_png(data: bytes, size: tuple[int, int]) -> bytes | None:
    """Return the same PNG with stored blocks only, so that reading it is just copying.

    Returns None if it is large, interlaced, animated, damaged or not of `size`.
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
    """Return None for missing rows, and for data made to take long: endless empty blocks."""
    if len(packed) > 2 * length + _MOST_STORED:
        return None
    try:
        rows = deflate.zlib_decompress(packed, length)
    except deflate.DeflateError:
        return None
    return rows if len(rows) == length else None


def _idat(data: bytes) -> tuple[int, int, list[memoryview]] | None:
    """Return where the IDAT chunks start and end, and their contents. None if others are between, or if animated."""
    chunks = list(islice(_chunks(data), _MOST_CHUNKS))
    indices = [index for index, (name, _, _) in enumerate(chunks) if name == b"IDAT"]
    if not indices or indices[-1] - indices[0] != len(indices) - 1 or any(name == b"acTL" for name, _, _ in chunks):
        return None
    parts = chunks[indices[0] : indices[-1] + 1]
    return parts[0][1], parts[-1][2], [memoryview(data)[start + 8 : end - 4] for _, start, end in parts]


def _chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Yield name, start and end of each complete chunk."""
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
    """Yield a zlib stream of stored blocks: RFC 1950 and 1951."""
    yield b"\x78\x01"
    for start in range(0, len(rows), _MOST_STORED):
        block = rows[start : start + _MOST_STORED]
        is_last = start + _MOST_STORED >= len(rows)
        yield struct.pack("<BHH", is_last, len(block), len(block) ^ 0xFFFF)
        yield block
    yield struct.pack(">I", deflate.adler32(rows))
