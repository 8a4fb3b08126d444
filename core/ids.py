"""UUIDv7 (RFC 9562): ids that sort by the time they were made. Python's own `uuid.uuid7` comes with 3.14."""

import secrets
import time
from uuid import UUID

_VERSION = 7 << 76
_VARIANT = 0b10 << 62


def uuid7() -> UUID:
    """48 bits of milliseconds, 12 bits of the fraction (method 3 of RFC 9562, section 6.2), 62 random bits."""
    milliseconds, rest = divmod(time.time_ns(), 1_000_000)
    fraction = rest * 4096 // 1_000_000
    return UUID(int=milliseconds << 80 | _VERSION | fraction << 64 | _VARIANT | secrets.randbits(62))
