"""Whether a client accepts compressed answers."""

import re

_REJECTED = re.compile(r"gzip\s*;\s*q=0(?:\.0*)?\s*(?:,|$)", re.IGNORECASE)


def accepts_gzip(header: str) -> bool:
    """Return whether gzip is listed in Accept-Encoding, with a weight other than 0 (RFC 9110, 12.5.3)."""
    return "gzip" in header.lower() and not _REJECTED.search(header)
