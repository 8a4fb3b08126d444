"""The chunks of WebP files, and what libwebp leaves out of them. WebP Container Specification."""

import struct
from collections.abc import Iterator

_RIFF_HEADER, _CHUNK_HEADER = 12, 8  # bytes

_EXTENDED = slice(12, 16)
_FLAGS, _HAS_ALPHA = 20, 0x10


def set_alpha_flag(data: bytes) -> bytes:
    """Say that the canvas has transparent pixels: libwebp asks the frames alone, and not what they leave uncovered."""
    if data[_EXTENDED] != b"VP8X":
        return data
    return data[:_FLAGS] + bytes([data[_FLAGS] | _HAS_ALPHA]) + data[_FLAGS + 1 :]


def read_chunks(data: bytes) -> Iterator[tuple[bytes, memoryview]]:
    """Yield name and content of each complete chunk."""
    start = _RIFF_HEADER
    while start + _CHUNK_HEADER <= len(data):
        name, length = struct.unpack_from("<4sI", data, start)
        content = memoryview(data)[start + _CHUNK_HEADER : start + _CHUNK_HEADER + length]
        if len(content) == length:
            yield name, content
        start += _CHUNK_HEADER + length + length % 2
