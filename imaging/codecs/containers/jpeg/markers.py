"""The segments of a JPEG: where its scans are, and whether they say all coefficients. ITU-T T.81, annexes B and G."""

import re
from collections.abc import Iterator

MOST_MARKERS = 20_000
# Start of frame, tables, start and end of image, scan, application data, comment. Restarts and stuffing are no markers.
_MARKER = re.compile(rb"\xff([\xc0-\xcf\xd8-\xfe])")
_END_OF_SCAN = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
_SCAN = 0xDA
_END = 0xD9
_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
_STARTS = {0xD8, *range(0xF0, 0xFE)}  # have no length
_BLOCK = range(64)  # coefficients


def markers(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield marker and content of each segment to the first end of image, at most MOST_MARKERS."""
    return ((marker, content) for marker, content, _ in _segments(data))


def find_end_of_scans(data: bytes) -> int:
    """Return where the last scan that an image needs ends with what looks like a marker, or else the length of `data`.

    That of an image whose scans are missing too.
    """
    missing: set[tuple[int, int]] | None = None
    for marker, content, end in _segments(data):
        missing = _still_missing(missing, marker, content)
        if missing is not None and not missing:
            found = _END_OF_SCAN.search(data, end)
            return found.start() if found else len(data)
    return len(data)


def _segments(data: bytes) -> Iterator[tuple[int, bytes, int]]:
    """Yield marker, content and where the segment ends."""
    position = 2
    for _ in range(MOST_MARKERS):
        found = _MARKER.search(data, position)
        if found is None:
            return
        marker, position = found[1][0], found.end()
        length = 0 if marker in {_END, *_STARTS} else int.from_bytes(data[position : position + 2])
        yield marker, data[position + 2 : position + length], position + length
        if marker == _END:
            return
        position += length


def has_all_coefficients(data: bytes) -> bool:
    """Whether the scans say each coefficient of each component to its last bit: none is missing at the end."""
    missing: set[tuple[int, int]] | None = None
    for marker, content in markers(data):
        missing = _still_missing(missing, marker, content)
    return not missing


def _still_missing(missing: set[tuple[int, int]] | None, marker: int, content: bytes) -> set[tuple[int, int]] | None:
    """Return the coefficients that no scan has said yet; None before a frame begins."""
    if marker in _FRAMES:
        return {(component, index) for component in content[6::3] for index in _BLOCK}
    return missing - _complete(content) if missing and marker == _SCAN and content else missing


def _complete(scan: bytes) -> set[tuple[int, int]]:
    """Coefficients of which a scan holds the last bit. A lossless one holds all: it has a predictor in their place."""
    count = scan[0]
    first, last, bits = (*scan[1 + 2 * count :], 0, 0, 15)[:3]
    known = _BLOCK if first > last else range(first, last + 1)
    return {(component, index) for component in scan[1 : 1 + 2 * count : 2] for index in known if not bits & 15}
