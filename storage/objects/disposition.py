"""The header that makes a browser save an object, or show it."""

from urllib.parse import quote


def content_disposition(file_name: str, *, inline: bool = False) -> str:
    """Return `Content-Disposition` (RFC 6266): an ASCII name for old browsers, the full one for the others."""
    kind = "inline" if inline else "attachment"
    plain = "".join(char if char.isascii() and (char.isalnum() or char in "-_. ") else "_" for char in file_name)
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(file_name, safe='')}"
