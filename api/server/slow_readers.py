"""Drops clients that ask for an answer and do not take it: each holds a connection, a file and a piece of memory."""

import asyncio

_WINDOW_SECONDS = 30.0  # in each such time a client takes …
_WINDOW_BYTES = 16 * 1024  # … so much, or all that is left; uploads may be as slow


class ReaderWatch:
    """Watches one connection while something is waiting in its write buffer."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Nothing is written until `stop`, so the buffer only becomes shorter."""
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
