"""Errors of the operating system in words, with what to do."""

import errno
from pathlib import Path

_WHAT_TO_DO = {
    errno.EACCES: " Change its permissions, or choose another path.",
    errno.ENOSPC: " Free some space, or choose another folder.",
    errno.EPERM: " Change its permissions, or choose another path.",
    errno.EROFS: " Choose another folder.",
}


def describe(error: OSError, *, of: Path | None = None) -> str:
    """Return a sentence, which begins with the path if the error names another one than `of`."""
    place = f"{error.filename}: " if error.filename and error.filename != str(of) else ""
    return f"{place}{error.strerror or error}.{_WHAT_TO_DO.get(error.errno or 0, '')}"
