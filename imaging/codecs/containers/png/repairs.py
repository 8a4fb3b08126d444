"""Leaves out of a PNG what a reader has to do without, and corrects what Pillow misreads. PNG 3, sections 5 and 11."""

import struct
import zlib
from collections.abc import Iterator, Sequence

from core.errors import InvalidImage
from imaging.codecs.containers.png.apng import is_sound
from imaging.codecs.containers.png.chunks import (
    GREY,
    Chunk,
    make_chunk,
    read_chunks,
    read_color_type,
    read_depth,
    read_size,
)

_WHITE = 255
_TEXTS = {b"tEXt", b"zTXt", b"iTXt"}
_MOST_TEXT = 2**20  # bytes of one text or profile, which is all that Pillow accepts
_MOST_TEXTS = 2**24  # and of all together


def clean(data: bytes) -> bytes:
    """The PNG without ancillary chunks that are damaged or too large, and with a transparent grey that Pillow can use.

    Omits, as libpng does, an ancillary chunk whose checksum or length is wrong, where Pillow rejects the file. An
    animation whose frames are broken is omitted too: the image remains. Raises InvalidImage for a wrong checksum of the
    pixels, which Pillow accepts: it is an error to libpng, and to browsers.
    """
    chunks = list(read_chunks(data))
    parts, position = [], 0
    for chunk, replaced in _repair(data, chunks):
        parts += [data[position : chunk.start], replaced]
        position = chunk.end
    return b"".join([*parts, data[position:]]) if parts else data


def read_texts(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield name and content of each text chunk that `clean` leaves in the PNG."""
    for chunk in read_chunks(clean(data)):
        if chunk.name in _TEXTS:
            yield chunk.name, chunk.content


def _repair(data: bytes, chunks: Sequence[Chunk]) -> Iterator[tuple[Chunk, bytes]]:
    """Yield each chunk that is omitted or replaced, and its replacement."""
    text_bytes = 0
    keeps_animation = _keeps_animation(data, chunks)
    for chunk in chunks:
        if chunk.name == b"IDAT" and not chunk.is_whole:
            raise InvalidImage("The PNG is damaged: the checksum of its pixels is wrong.")
        if chunk.is_animation and not keeps_animation:
            yield chunk, b""
        if chunk.is_ancillary:
            added = _text_length(chunk, _MOST_TEXTS - text_bytes)
            is_kept = chunk.is_usable and added <= _MOST_TEXT and text_bytes + added <= _MOST_TEXTS
            text_bytes += min(added, _MOST_TEXT)
            replaced = _scale_transparent_grey(data, chunk) if is_kept else b""
            if replaced is not None:
                yield chunk, replaced


def _keeps_animation(data: bytes, chunks: Sequence[Chunk]) -> bool:
    has_any = any(chunk.is_animation for chunk in chunks)
    return not has_any or is_sound(chunks, read_size(data))


def _text_length(chunk: Chunk, most: int) -> int:
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


def _scale_transparent_grey(data: bytes, chunk: Chunk) -> bytes | None:
    """A tRNS chunk in eight bits: Pillow scales samples of two or four, but not the grey that it compares them with."""
    depth = read_depth(data)
    if chunk.name != b"tRNS" or read_color_type(data) != GREY or depth > 8 or len(chunk.content) != 2:  # noqa: PLR2004
        return None
    most = 2**depth - 1
    grey = int.from_bytes(chunk.content) & most
    scaled = struct.pack(">H", grey if depth == 1 else grey * _WHITE // most)
    return make_chunk(b"tRNS", scaled)
