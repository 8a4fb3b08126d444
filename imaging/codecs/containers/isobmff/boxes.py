"""What the boxes of an AVIF say of its colours. ISO/IEC 14496-12, sections 8.11 and 12.1.5; ISO/IEC 23008-12, 9.3."""

import struct
from collections.abc import Iterator
from itertools import islice

_HEADER, _LONG_HEADER, _VERSION = 8, 16, 4  # bytes: of a box, of one with a length of 64 bits, of version and flags
_SAMPLE_ENTRY = 78  # bytes before the boxes of a visual sample entry
_MOST_BOXES = 1000  # on one level
_TRACK = (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd", b"av01")
_BEFORE_BOXES = {b"meta": _VERSION, b"stsd": _VERSION + 4, b"av01": _SAMPLE_ENTRY}
_NCLX = struct.Struct(">4sHHH")

type Part = tuple[int, int]  # start and end


def read_code_points(data: bytes) -> tuple[int, int] | None:
    """Return colour primaries and transfer characteristics (ITU-T H.273) of the primary image, or of the first track.

    None where no `colr` box of type `nclx` has them, or where a box is broken.
    """
    try:
        colors = [*_primary_colors(data), *find_boxes(data, (0, len(data)), (*_TRACK, b"colr"))]
        fields = [_NCLX.unpack_from(data, start) for start, end in colors if end - start >= _NCLX.size]
    except (struct.error, IndexError):
        return None
    return next(((primaries, transfer) for kind, primaries, transfer, _ in fields if kind == b"nclx"), None)


def _primary_colors(data: bytes) -> Iterator[Part]:
    """Yield the `colr` properties of the primary item."""
    for meta in find_boxes(data, (0, len(data)), (b"meta",)):
        properties = [box for parent in find_boxes(data, meta, (b"iprp", b"ipco")) for box in _boxes(data, parent)]
        for start, _ in find_boxes(data, meta, (b"pitm",)):
            item = int.from_bytes(data[start + _VERSION : start + _VERSION + (4 if data[start] else 2)])
            for associations in find_boxes(data, meta, (b"iprp", b"ipma")):
                for index in _associated(data, associations, item):
                    name, part = properties[index - 1] if 0 < index <= len(properties) else (b"", (0, 0))
                    if name == b"colr":
                        yield part


def _associated(data: bytes, part: Part, item: int) -> Iterator[int]:
    """Yield the indices, from 1, of an item's properties."""
    version, is_wide = data[part[0]], data[part[0] + 3] & 1
    count, start = int.from_bytes(data[part[0] + _VERSION : part[0] + 8]), part[0] + 8
    id_bytes, index_bytes = 4 if version else 2, 2 if is_wide else 1
    for _ in range(min(count, _MOST_BOXES)):
        found, first = int.from_bytes(data[start : start + id_bytes]), start + id_bytes + 1
        end = first + index_bytes * data[first - 1]
        if end > part[1]:
            return
        if found == item:
            indices = (int.from_bytes(data[at : at + index_bytes]) for at in range(first, end, index_bytes))
            yield from (index & (0x7FFF if is_wide else 0x7F) for index in indices)
        start = end


def find_boxes(data: bytes, part: Part, path: tuple[bytes, ...]) -> Iterator[Part]:
    """Yield the contents of all boxes at a path of names."""
    if not path:
        yield part
        return
    for name, (start, end) in _boxes(data, part):
        if name == path[0]:
            yield from find_boxes(data, (start + _BEFORE_BOXES.get(name, 0), end), path[1:])


def _boxes(data: bytes, part: Part) -> Iterator[tuple[bytes, Part]]:
    """Yield name and content of each box that is there to its end."""
    return islice(_all_boxes(data, part), _MOST_BOXES)


def _all_boxes(data: bytes, part: Part) -> Iterator[tuple[bytes, Part]]:
    start, last = part
    while start + _HEADER <= last:
        length, name = struct.unpack_from(">I4s", data, start)
        header = _LONG_HEADER if length == 1 else _HEADER
        length = struct.unpack_from(">Q", data, start + _HEADER)[0] if length == 1 else length or last - start
        if length < header or start + length > last:
            return
        yield name, (start + header, start + length)
        start += length
