"""Dates of an animation, which libavif sets to now, so that an output would differ each time. ISO/IEC 14496-12, 8."""

from imaging.codecs.containers.isobmff.boxes import find_boxes

_HEADERS = ((b"moov", b"mvhd"), (b"moov", b"trak", b"tkhd"), (b"moov", b"trak", b"mdia", b"mdhd"))
_DATES_AT = 4  # behind version and flags
_DATE_BYTES = {0: 4, 1: 8}  # by version


def clear_dates(data: bytes) -> bytes:
    """Return the file with 0, which is unknown, for when it was created and changed."""
    cleared = bytearray(data)
    for path in _HEADERS:
        for start, _ in find_boxes(data, (0, len(data)), path):
            length = 2 * _DATE_BYTES[data[start]]
            cleared[start + _DATES_AT : start + _DATES_AT + length] = bytes(length)
    return bytes(cleared)
