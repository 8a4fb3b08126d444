"""Which characters a font has: its table `cmap`, formats 4 and 12. OpenType 1.9, cmap."""

import struct
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

_TABLES = 12  # where the directory of tables starts, 16 bytes each
_UNICODE = {(0, 3), (0, 4), (0, 6), (3, 1), (3, 10)}  # platforms and encodings
_SEGMENTS, _GROUPS = 4, 12  # formats
_NO_OFFSET, _LAST = 0, 0xFFFF


@lru_cache(maxsize=16)
def read_characters(path: Path) -> frozenset[int]:
    """Return the code points for which the font has a glyph."""
    data = path.read_bytes()
    (count,) = struct.unpack_from(">H", data, 4)
    tables = (struct.unpack_from(">4sIII", data, _TABLES + 16 * index) for index in range(count))
    start = next(offset for name, _, offset, _ in tables if name == b"cmap")
    (encodings,) = struct.unpack_from(">H", data, start + 2)
    found = (struct.unpack_from(">HHI", data, start + 4 + 8 * index) for index in range(encodings))
    offsets = {start + offset for platform, encoding, offset in found if (platform, encoding) in _UNICODE}
    return frozenset(code for offset in offsets for code in _read_table(data, offset))


def _read_table(data: bytes, start: int) -> Iterator[int]:
    (kind,) = struct.unpack_from(">H", data, start)
    if kind == _SEGMENTS:
        yield from _read_segments(data, start)
    elif kind == _GROUPS:
        (count,) = struct.unpack_from(">I", data, start + 12)
        for index in range(count):
            first, last, glyph = struct.unpack_from(">III", data, start + 16 + 12 * index)
            yield from range(first + (glyph == 0), last + 1)


def _read_segments(data: bytes, start: int) -> Iterator[int]:
    count = struct.unpack_from(">H", data, start + 6)[0] // 2
    ends, starts, deltas, offsets = (
        struct.unpack_from(f">{count}H", data, start + 14 + part * 2 * count + 2 * (part > 0)) for part in range(4)
    )
    base = start + 16 + 6 * count  # of the offsets, which count from themselves
    for index, (first, last) in enumerate(zip(starts, ends, strict=True)):
        for code in range(first, min(last, _LAST - 1) + 1):
            glyph = code
            if offsets[index] != _NO_OFFSET:
                (glyph,) = struct.unpack_from(">H", data, base + 2 * index + offsets[index] + 2 * (code - first))
            if (glyph + deltas[index]) & _LAST if offsets[index] == _NO_OFFSET or glyph else 0:
                yield code
