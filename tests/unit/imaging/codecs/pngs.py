"""PNGs of any kind, written by the specification alone."""

import struct
import zlib

from tests.unit.imaging import files

GREY, RGB, PALETTE, GREY_ALPHA, RGBA = 0, 2, 3, 4, 6
_SAMPLES = {GREY: 1, RGB: 3, PALETTE: 1, GREY_ALPHA: 2, RGBA: 4}
END = files.chunk(b"IEND", b"")


def png(
    depth: int, color: int, rows: list[bytes], *chunks: bytes, after: bytes = b"", interlaced: bool = False
) -> bytes:
    """`chunks` are before the pixels and `after` behind them; each of the rows is packed."""
    width = len(rows[0]) * 8 // depth // _SAMPLES[color]
    header = files.chunk(b"IHDR", struct.pack(">IIBBBBB", width, len(rows), depth, color, 0, 0, interlaced))
    data = files.chunk(b"IDAT", packed(*rows))
    return b"".join([b"\x89PNG\r\n\x1a\n", header, *chunks, data, after, END])


def packed(*rows: bytes) -> bytes:
    return zlib.compress(b"".join(b"\0" + row for row in rows))


def broken(chunk: bytes) -> bytes:
    """With another checksum."""
    return chunk[:-1] + bytes([chunk[-1] ^ 1])
