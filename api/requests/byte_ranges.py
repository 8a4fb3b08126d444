"""Checks of `Range: bytes=…` (RFC 9110, 14) that Starlette's FileResponse lacks."""

import re
from collections.abc import Iterator

from core.errors import RangeNotSatisfiable

_MAX_RANGES = 100
_RANGE = re.compile(r"[ \t]*([0-9]{0,18})-([0-9]{0,18})[ \t]*", re.ASCII)


def is_served(header: str, *, size: int) -> bool:
    """Return whether to respond with ranges of an object of `size` bytes. If not, send all of it.

    Raises RangeNotSatisfiable if no range lies within the object.
    """
    unit, _, listed = header.partition("=")
    if unit.strip().lower() != "bytes" or listed.count(",") >= _MAX_RANGES:
        return False
    try:
        within = [first < size for first in _firsts(listed, size=size)]
    except ValueError:
        return False
    if not any(within):
        raise RangeNotSatisfiable(f"The range lies outside the object, which has {size} bytes.", size=size)
    return all(within)


def bounds_of(header: str, *, size: int) -> tuple[int, int]:
    """Return the first and last byte of the one range of a header that `is_served`."""
    listed = header.partition("=")[2]
    (first,) = _firsts(listed, size=size)
    start, _, last = listed.strip().partition("-")
    return first, min(int(last), size - 1) if start.strip() and last.strip() else size - 1


def _firsts(listed: str, *, size: int) -> Iterator[int]:
    """Yield the first byte of each range. Raises ValueError for an invalid one."""
    for each in listed.split(","):
        found = _RANGE.fullmatch(each)
        if found is None:
            raise ValueError("Invalid range.")
        first, last = found.groups()
        if not first:
            yield max(0, size - int(last)) if int(last) else size
        elif last and int(last) < int(first):
            raise ValueError("The range ends before it begins.")
        else:
            yield int(first)
