"""Headers of errors."""

from core import errors


def headers_of(error: errors.DarkroomError) -> dict[str, str]:
    if isinstance(error, errors.RangeNotSatisfiable):
        return {"Content-Range": f"bytes */{error.size}"}
    if isinstance(error, errors.InsufficientScope):
        return {"WWW-Authenticate": 'Bearer error="insufficient_scope"'}  # RFC 6750, 3.1
    return retry_after(error)


def retry_after(error: errors.DarkroomError) -> dict[str, str]:
    seconds = getattr(error, "retry_after_seconds", None)
    return {} if seconds is None else {"Retry-After": str(seconds)}
