"""The chunks of WebP files, and what libwebp leaves out of them. WebP Container Specification."""

import struct
from collections.abc import Iterator, Sequence

_RIFF_HEADER, _CHUNK_HEADER = 12, 8  # bytes
_EXTENDED = slice(12, 16)
_FLAGS, _HAS_ALPHA = 20, 0x10
_CANVAS = slice(24, 30)  # width and height, less 1
_REPLACES = 0b10  # a frame is not blended with the one before
_LONGEST_MS = 2**24 - 1

Chunk = tuple[bytes, bytes | memoryview]  # name and content


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


def replace_frames(data: bytes, frames: Sequence[bytes], durations_ms: Sequence[int]) -> bytes:
    """The animation in `data` with other frames: WebP files of one image each, of the size of the canvas."""
    parts: list[Chunk] = []
    is_replaced = False
    for name, content in read_chunks(data):
        if name != b"ANMF":
            parts.append((name, content))
        elif not is_replaced:
            is_replaced = True
            parts += [_frame(data[_CANVAS], *each) for each in zip(frames, durations_ms, strict=True)]
    return set_alpha_flag(write_file(parts))


def write_file(chunks: Sequence[Chunk]) -> bytes:
    """A WebP file of chunks."""
    content = b"WEBP" + b"".join(_chunk(*each) for each in chunks)
    return b"RIFF" + struct.pack("<I", len(content)) + content


def _frame(canvas: bytes, image: bytes, duration_ms: int) -> Chunk:
    corner, duration = bytes(6), min(duration_ms, _LONGEST_MS).to_bytes(3, "little")
    pixels = [_chunk(name, content) for name, content in read_chunks(image) if name in {b"VP8L", b"VP8 ", b"ALPH"}]
    return b"ANMF", b"".join([corner, canvas, duration, bytes([_REPLACES]), *pixels])


def _chunk(name: bytes, content: bytes | memoryview) -> bytes:
    return b"".join([name, struct.pack("<I", len(content)), content, bytes(len(content) % 2)])
