"""The boxes of a JPEG XL: its codestream, EXIF and XMP. ISO/IEC 18181-2, 9."""

import struct
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from imaging import native

CODESTREAM = b"\xff\x0a"

_START = b"\0\0\0\x0cJXL \r\n\x87\n\0\0\0\x14ftypjxl \0\0\0\0jxl "
_PIXELS = {b"jxlc", b"jxlp"}
_COMPRESSED = b"brob"
_METADATA = {b"Exif", b"xml ", _COMPRESSED}
_MOST_METADATA = 2**20
_MOST_BOXES = 10_000
_PART_INDEX, _OFFSET = 4, 4  # bytes before a part of the codestream, and before what EXIF means
_EXIF_PREFIX = b"Exif\0\0"  # of other formats, and of writers that did not know


@dataclass(frozen=True, slots=True, kw_only=True)
class JxlParts:
    codestream: bytes
    exif: bytes = b""  # as other formats store it
    xmp: bytes = b""


def read_parts(data: bytes) -> JxlParts:
    """Raise ValueError where there is no codestream."""
    if data.startswith(CODESTREAM):
        return JxlParts(codestream=data)
    boxes = list(_read_boxes(data))
    codestream = b"".join(content[_PART_INDEX * (name == b"jxlp") :] for name, content in boxes if name in _PIXELS)
    if not codestream.startswith(CODESTREAM):
        message = "There is no codestream."
        raise ValueError(message)
    found = dict(_decompress(name, content) for name, content in reversed(boxes) if name in _METADATA)
    return JxlParts(codestream=codestream, exif=_strip_offset(found.get(b"Exif", b"")), xmp=found.get(b"xml ", b""))


def write_parts(parts: JxlParts) -> bytes:
    """Return a codestream as it is or, where there is metadata, in a container."""
    exif = parts.exif.removeprefix(_EXIF_PREFIX)
    metadata = {b"Exif": exif and bytes(_OFFSET) + exif, b"xml ": parts.xmp}
    boxes = [_box(name, content) for name, content in metadata.items() if content]
    return b"".join([_START, *boxes, _box(b"jxlc", parts.codestream)]) if boxes else parts.codestream


def _box(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(content), name) + content


def _decompress(name: bytes, content: memoryview) -> tuple[bytes, bytes]:
    """Return what a box has, or what is compressed in it; nothing if that is broken."""
    if name != _COMPRESSED:
        return name, bytes(content)
    with suppress(ValueError):
        return bytes(content[:4]), native.decompress_brotli(bytes(content[4:]), most_bytes=_MOST_METADATA)
    return bytes(content[:4]), b""


def _read_boxes(data: bytes) -> Iterator[tuple[bytes, memoryview]]:
    """Yield names and contents; the last box may be cut off."""
    at, view = 0, memoryview(data)
    for _ in range(_MOST_BOXES):
        if at + 8 > len(data):
            return
        length, name = struct.unpack_from(">I4s", data, at)
        head = 16 if length == 1 else 8
        length = int.from_bytes(data[at + 8 : at + 16]) if length == 1 else length or len(data) - at
        if length < head:
            return
        yield name, view[at + head : at + length]
        at += length


def _strip_offset(exif: bytes) -> bytes:
    if not exif or exif.startswith(_EXIF_PREFIX):
        return exif
    return _EXIF_PREFIX + exif[_OFFSET + int.from_bytes(exif[:_OFFSET]) :]
