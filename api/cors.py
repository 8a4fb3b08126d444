"""What pages of other origins may send and read."""

from typing import Any

# For pages that send a token. Cookies are never allowed: they are valid for pages of the same origin only (ADR 17).
CORS: dict[str, Any] = {
    "allow_credentials": False,
    "allow_methods": ("GET", "HEAD", "POST", "PUT", "DELETE"),
    "allow_headers": (
        "Authorization",
        "Content-Type",
        "Darkroom-Device",
        "Idempotency-Key",
        "If-None-Match",
        "Last-Event-ID",
        "Prefer",
        "Range",
        "X-Request-ID",
    ),
    "expose_headers": (
        "Content-Disposition",
        "Content-Range",
        "Darkroom-Warnings",
        "ETag",
        "Location",
        "Preference-Applied",
        "Retry-After",
        "X-Request-ID",
    ),
    "max_age": 3600,  # seconds that a browser remembers the answer to a preflight request
}
