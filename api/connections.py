"""One connection. A client has so long for the headers of a request; uvicorn by itself would wait for ever."""

import asyncio
from http import HTTPStatus

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEADER_SECONDS = 15.0
_TOO_SLOW = (
    b"HTTP/1.1 %d Request Timeout\r\ncontent-length: 0\r\nconnection: close\r\n\r\n" % HTTPStatus.REQUEST_TIMEOUT
)


class Connection(HttpToolsProtocol):
    _waiting: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn does
        super().connection_made(transport)
        self._await_headers()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._await_headers()

    def on_headers_complete(self) -> None:
        self._stop_waiting()
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def shutdown(self) -> None:
        """The server is stopping: who waits for a task is answered at once."""
        self.app_state["resources"].transitions.stop()
        super().shutdown()

    def _await_headers(self) -> None:
        self._stop_waiting()
        self._waiting = self.loop.call_later(HEADER_SECONDS, self._give_up)

    def _stop_waiting(self) -> None:
        if self._waiting:
            self._waiting.cancel()
            self._waiting = None

    def _give_up(self) -> None:
        if self.cycle and not self.cycle.response_complete:
            self._await_headers()  # of the next request: the answer to this one is still on its way
        elif not self.transport.is_closing():
            self.transport.write(_TOO_SLOW)
            self.transport.close()
