"""The first box of AVIF, HEIC and MP4: which brands the file conforms to. ISO 14496-12, section 4.3."""

import re

_FTYP = re.compile(rb"(?:\0{3}\x01ftyp.{8}|.{4}ftyp)", re.DOTALL)  # the length may have 64 bits


def has_brands(head: bytes) -> bool:
    """Whether a file begins with such a box."""
    return _FTYP.match(head) is not None


def read_length(head: bytes) -> int | None:
    """Return the bytes of the first box; None where it goes to the end of the file."""
    length = int.from_bytes(head[:4])
    return int.from_bytes(head[8:16]) if length == 1 else length or None


def read_brands(head: bytes) -> list[bytes]:
    """Return the major brand and all compatible ones, as far as they are in `head`."""
    found = _FTYP.match(head)
    if found is None:
        return []
    start, end = found.end(), min(len(head), read_length(head) or len(head))
    # Behind the major brand is its version.
    return [head[at : at + 4] for at in (start, *range(start + 8, end - 3, 4)) if at + 4 <= end]
