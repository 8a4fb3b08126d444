"""The header that makes a browser save an object instead of showing it."""

from urllib.parse import quote


def attachment(file_name: str) -> str:
    """Return `Content-Disposition` (RFC 6266): an ASCII name for old browsers, the full one for the others."""
    plain = "".join(char if char.isascii() and (char.isalnum() or char in "-_. ") else "_" for char in file_name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(file_name, safe='')}"
