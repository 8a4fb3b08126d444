"""`Range: bytes=…` (RFC 9110, 14) as Starlette's FileResponse does not check it."""

import re
from collections.abc import Iterator

from core.errors import RangeNotSatisfiable

_MOST_RANGES = 100
_RANGE = re.compile(r"[ \t]*([0-9]{0,18})-([0-9]{0,18})[ \t]*", re.ASCII)


def is_served(header: str, *, size: int) -> bool:
    """Whether to answer with parts of `size` bytes, or with all: what is no valid range is ignored.

    Raises RangeNotSatisfiable when none of it lies within the object.
    """
    unit, _, listed = header.partition("=")
    if unit.strip().lower() != "bytes" or listed.count(",") >= _MOST_RANGES:
        return False
    try:
        within = [first < size for first in _firsts(listed, size=size)]
    except ValueError:
        return False
    if not any(within):
        raise RangeNotSatisfiable(f"The object has {size} bytes, and none in this range.", size=size)
    return all(within)


def _firsts(listed: str, *, size: int) -> Iterator[int]:
    """Yield the first byte of each range. Raises ValueError for what is none."""
    for each in listed.split(","):
        found = _RANGE.fullmatch(each)
        if found is None:
            raise ValueError("It is no range.")
        first, last = found.groups()
        if not first:
            yield max(0, size - int(last)) if int(last) else size
        elif last and int(last) < int(first):
            raise ValueError("It ends before it begins.")
        else:
            yield int(first)
