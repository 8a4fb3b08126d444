"""How many scans a JPEG holds: each costs a pass over all its pixels, so a small file can take minutes to decode."""

import re

# Start of frame, tables, start and end of image, scan, application data, comment. Restarts and stuffing are no markers.
_MARKER = re.compile(rb"\xff([\xc0-\xcf\xd8-\xfe])")
_SCAN = 0xDA
_END = 0xD9
_STARTS = {0xD8, *range(0xF0, 0xFE)}
_MOST_MARKERS = 20_000


def count_scans(source: bytes) -> int:
    """Scans of the first picture in a JPEG file; where a decoder might disagree, rather too many than too few.

    Only what stands before the end-of-image marker counts: phones append whole films behind it.
    """
    scans, position = 0, 2
    for _ in range(_MOST_MARKERS):
        found = _MARKER.search(source, position)
        marker = found[1][0] if found else _END
        if found is None or marker == _END:
            return scans
        scans += marker == _SCAN
        position = found.end()
        if marker not in _STARTS:
            position += int.from_bytes(source[position : position + 2])
    return _MOST_MARKERS
