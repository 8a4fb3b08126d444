"""Drops clients that do not read their responses: each holds a connection, a file and some memory."""

import asyncio

_WINDOW_SECONDS = 30.0  # in each such window a client must read …
_WINDOW_BYTES = 16 * 1024  # … at least so much, or the rest; as for uploads


class ReaderWatch:
    """Watches one connection while its write buffer is not empty."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Start watching. Nothing may be written until `stop`, so that the buffer only shrinks."""
        self.stop()
        self._timer = self._loop.call_later(_WINDOW_SECONDS, self._check, self._transport.get_write_buffer_size())

    def stop(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None

    def _check(self, before_bytes: int) -> None:
        left_bytes = self._transport.get_write_buffer_size()
        if left_bytes and before_bytes - left_bytes < _WINDOW_BYTES:
            self._transport.abort()  # closing would wait for the client
        elif left_bytes:
            self.start()
