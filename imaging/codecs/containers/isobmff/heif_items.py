"""The items of a HEIF file. ISO 14496-12, sections 4.2 and 8.11.6."""

import re
from collections.abc import Iterator

from core.errors import InvalidImage

_WITH_PIXELS = {b"mdat", b"meta"}
_MOST_BOXES = 1000
_HEADER, _LONG_HEADER = 8, 16  # bytes
_OLD = rb"[\x00\x01].{3}.{4}[^\0]*\0(?P<old>[^\0]*)"  # version, flags, id and protection, name, content type
_NEW = rb"(?:\x02.{3}.{4}|\x03.{3}.{6})(?P<kind>.{4})[^\0]*\0?(?P<new>[^\0]*)"  # the same with a type
_ITEM = re.compile(rb"infe(?:%b|%b)" % (_OLD, _NEW), re.DOTALL)


def check_items(data: bytes) -> None:
    """Raise InvalidImage for what libheif and pi-heif 1.4 do not check.

    Tiles that are missing at the end would be filled, and a type that is not ASCII would crash the process.
    """
    for kind, start, end in _boxes(data):
        if end > len(data) and kind in _WITH_PIXELS:
            raise InvalidImage("The HEIC is truncated: it ends before its last pixel.")
        if kind == b"meta" and not all(map(_has_text_types, _ITEM.finditer(data, start, end))):
            raise InvalidImage("The HEIC is damaged: the type of one of its items is not text.")


def _has_text_types(item: re.Match[bytes]) -> bool:
    content_type = item["new"] if item["kind"] == b"mime" else item["old"]
    return (item["kind"] or b"").isascii() and (content_type or b"").isascii()


def _boxes(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Yield the type, start and end of each box of the file; the last may end beyond it."""
    start = 0
    for _ in range(_MOST_BOXES):
        length, kind = int.from_bytes(data[start : start + 4]), data[start + 4 : start + _HEADER]
        if length == 1:
            length = int.from_bytes(data[start + _HEADER : start + _LONG_HEADER])
        end = start + length if length else len(data)  # 0: to the end of the file
        yield kind, start, end
        if not length or length < _HEADER or end >= len(data):
            return
        start = end
