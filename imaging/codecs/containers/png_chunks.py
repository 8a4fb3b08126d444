"""Leaves out of a PNG what a reader has to do without, and corrects what Pillow misreads. PNG 3, sections 5 and 11."""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

_SIGNATURE, _FRAME = 8, 12  # bytes; the latter are length, name and checksum of a chunk
_MOST_CHUNKS = 2**16
_DEPTH, _COLOR = 24, 25  # where the header has them
_GREY = 0
_WHITE = 255
_IS_ANCILLARY = 0x20  # in the first letter of a name
_ANIMATION = {b"acTL", b"fcTL", b"fdAT"}  # ancillary by name, but the frames need them
_TEXTS = {b"tEXt", b"zTXt", b"iTXt"}
_MOST_TEXT = 2**20  # bytes of one text or profile, which is all that Pillow accepts
_MOST_TEXTS = 2**24  # and of all together


@dataclass(frozen=True, slots=True)
class _Chunk:
    name: bytes
    content: bytes
    start: int
    end: int
    is_whole: bool  # whether its checksum is right


def read_depth(data: bytes) -> int:
    """Bits a sample."""
    return data[_DEPTH]


def clean(data: bytes) -> bytes:
    """The PNG without ancillary chunks that are damaged or too large, and with a transparent grey that Pillow can use.

    libpng leaves out an ancillary chunk whose checksum is wrong, where Pillow rejects the file.
    """
    parts, position, text_bytes = [], 0, 0
    for chunk in islice(_ancillary_chunks(data), _MOST_CHUNKS):
        added = _text_length(chunk, _MOST_TEXTS - text_bytes)
        is_kept = chunk.is_whole and added <= _MOST_TEXT and text_bytes + added <= _MOST_TEXTS
        text_bytes += min(added, _MOST_TEXT)
        replaced = _scale_transparent_grey(data, chunk) if is_kept else b""
        if replaced is not None:
            parts += [data[position : chunk.start], replaced]
            position = chunk.end
    return b"".join([*parts, data[position:]]) if parts else data


def read_texts(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield name and content of each text chunk that `clean` leaves in the PNG."""
    for chunk in _ancillary_chunks(clean(data)):
        if chunk.name in _TEXTS:
            yield chunk.name, chunk.content


def _ancillary_chunks(data: bytes) -> Iterator[_Chunk]:
    start = _SIGNATURE
    for _ in range(_MOST_CHUNKS):
        if start + _FRAME > len(data):
            return
        length, name = struct.unpack_from(">I4s", data, start)
        end = start + _FRAME + length
        if end <= len(data) and name[0] & _IS_ANCILLARY and name not in _ANIMATION:
            content, (checksum,) = data[start + 8 : end - 4], struct.unpack_from(">I", data, end - 4)
            yield _Chunk(name, content, start, end, zlib.crc32(content, zlib.crc32(name)) == checksum)
        start = end


def _text_length(chunk: _Chunk, most: int) -> int:
    """Bytes of a text or profile once it is decompressed, which stops beyond what one or all may have."""
    rest = chunk.content.partition(b"\0")[2]
    match chunk.name:
        case b"tEXt":
            return len(rest)
        case b"zTXt" | b"iCCP":
            return _inflated_length(rest[1:], most)
        case b"iTXt" if rest[:1] == b"\1":
            return _inflated_length(rest[2:].split(b"\0", 2)[-1], most)
        case b"iTXt":
            return len(rest)
    return 0


def _inflated_length(packed: bytes, most: int) -> int:
    try:
        return len(zlib.decompressobj().decompress(packed, max(1, min(_MOST_TEXT, most) + 1)))
    except zlib.error:
        return 0  # Pillow leaves it out


def _scale_transparent_grey(data: bytes, chunk: _Chunk) -> bytes | None:
    """A tRNS chunk in eight bits: Pillow scales samples of two or four, but not the grey that it compares them with."""
    depth = data[_DEPTH]
    if chunk.name != b"tRNS" or data[_COLOR] != _GREY or depth > 8 or len(chunk.content) != 2:  # noqa: PLR2004
        return None
    most = 2**depth - 1
    grey = int.from_bytes(chunk.content) & most
    scaled = struct.pack(">H", grey if depth == 1 else grey * _WHITE // most)
    return struct.pack(">I4s", 2, b"tRNS") + scaled + struct.pack(">I", zlib.crc32(scaled, zlib.crc32(b"tRNS")))
