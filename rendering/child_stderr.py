"""What a render process writes to its stderr: decoders print text there that an untrusted file may choose.

It reaches the log as one bounded, escaped field, and never the terminal. Text of a live process is for debugging;
that of a lost one may hold its traceback.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import structlog

_PIPE_BYTES = 64 * 1024  # Linux keeps so much; what does not fit is lost
_LOGGED_BYTES = 4 * 1024  # the last of them
_log = structlog.get_logger()


class ChildStderr:
    """A pipe of which neither end blocks: a process whose pipe is full goes on."""

    def __init__(self) -> None:
        self._read_fd, self._write_fd = os.pipe()
        for fd in (self._read_fd, self._write_fd):
            os.set_blocking(fd, False)

    @contextmanager
    def handing_over(self) -> Iterator[int]:
        """The descriptor to send to the child, which is closed here afterwards."""
        try:
            yield self._write_fd
        finally:
            os.close(self._write_fd)

    def log(self, pid: int, *, lost: bool) -> None:
        """Log what came since the last time, if anything."""
        written = b""
        with suppress(BlockingIOError):
            written = os.read(self._read_fd, _PIPE_BYTES)
        if written:
            text = ascii(written[-_LOGGED_BYTES:].decode(errors="replace"))[1:-1]
            (_log.warning if lost else _log.debug)("render_process_stderr", pid=pid, text=text)

    def close(self) -> None:
        os.close(self._read_fd)
