"""The HTTP/1.1 connection: uvicorn's, with limits on what a client may send before a route handles the request.

Limits are in request_budget.py, rules in request_rules.py. A request that breaks one gets problem details, after the
responses to earlier requests, and the connection is closed.
"""

import asyncio

import httptools
import structlog
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from api.server.rejection import encode_rejection
from api.server.request_budget import RequestBudget
from api.server.request_rules import declared_bytes, origin_form, sanitize
from api.server.slow_readers import ReaderWatch
from core.errors import ClientError, HeaderTimeout, MalformedRequest, TooManyRequests

HEADER_SECONDS = 15.0
MAX_PIPELINED = 16  # requests that wait for the response to an earlier one
_LINGER_SECONDS = 2.0  # in which the client can read the response before the kernel resets the connection
_log = structlog.get_logger(__name__)


class Connection(HttpToolsProtocol):
    _waiting: asyncio.TimerHandle | None = None
    _is_closing = False  # input is ignored until the connection is closed
    _running: RequestResponseCycle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn does
        self._budget = RequestBudget()
        self._reader = ReaderWatch(transport, self.loop)
        super().connection_made(transport)
        self._await_headers()

    def data_received(self, data: bytes) -> None:
        self._unset_keepalive_if_required()
        rest = memoryview(data)
        while rest and not self._is_closing:
            size = self._budget.next_piece_bytes
            self._feed(rest[:size])
            rest = rest[size:]
        if not (self._is_closing or self._waiting or self._budget.in_body or self._is_answering):
            self._await_headers()  # only line breaks were received, which begin no request

    def _feed(self, piece: memoryview) -> None:
        self._budget.begin_piece(len(piece))
        try:
            self.parser.feed_data(piece)
            self._budget.end_piece()
        except httptools.HttpParserUpgrade:
            self._is_closing = True  # the response announces it
        except httptools.HttpParserError as error:
            cause = error.__context__
            _log.debug("request_malformed", reason=str(error), cause=repr(cause))
            self._reject(
                cause if isinstance(cause, ClientError) else MalformedRequest("The request is not valid HTTP.")
            )
        except ClientError as error:
            self._reject(error)

    def on_message_begin(self) -> None:
        self._budget.begin_request()
        super().on_message_begin()
        self._await_headers()

    def on_url(self, url: bytes) -> None:
        self._budget.add_target(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._budget.add_field(name, value)
        if not self._budget.in_body:  # trailers are ignored
            super().on_header(name, sanitize(name.lower(), value))

    def on_headers_complete(self) -> None:
        self._stop_waiting()
        if len(self.pipeline) >= MAX_PIPELINED:
            detail = f"At most {MAX_PIPELINED} requests may wait on one connection. Read the responses first."
            raise TooManyRequests(detail, retry_after_seconds=1)
        upgrades = self.parser.should_upgrade()
        self.url = origin_form(
            self.parser.get_method(),
            self.url,
            version=self.parser.get_http_version(),
            headers=self.headers,
            upgrades=upgrades,
        )
        self._budget.begin_body(declared_bytes(self.headers))
        super().on_headers_complete()
        if upgrades:
            self.cycle.keep_alive = False

    def on_body(self, body: bytes) -> None:
        if self._budget.is_declared and not self.cycle.body:  # uvicorn's bytearray is for many small chunks
            self.cycle.body = b""  # type: ignore[assignment]  # which is not copied when the first piece comes
        self._budget.add_body(len(body))
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._budget.end_request()
        super().on_message_complete()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._reader.start()

    def resume_writing(self) -> None:
        if not self.transport.is_closing():
            self._reader.stop()
        super().resume_writing()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.transport.is_closing():
            self._reader.start()

    def timeout_keep_alive_handler(self) -> None:
        """Close the connection, and watch that the client reads the rest of the last response."""
        super().timeout_keep_alive_handler()
        self._reader.start()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        self._reader.stop()
        super().connection_lost(exc)
        if self._running:  # it may not be the last request of a pipeline, which uvicorn knows of
            self._running.disconnected = True
            self._running.message_event.set()

    def shutdown(self) -> None:
        """Stop: requests that wait for a task get their response now."""
        self.app_state["resources"].watcher.stop()
        self.app_state["resources"].task_feed.stop()
        super().shutdown()

    @property
    def _is_answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: object) -> None:
        self._running = cycle
        super()._start_asgi_task(cycle, app)  # type: ignore[arg-type]  # an ASGI application

    def _await_headers(self) -> None:
        self._stop_waiting()
        self._waiting = self.loop.call_later(HEADER_SECONDS, self._give_up)

    def _stop_waiting(self) -> None:
        if self._waiting:
            self._waiting.cancel()
            self._waiting = None

    def _give_up(self) -> None:
        if self._is_answering:
            self._await_headers()  # of the next request: the response to this one is not complete
        elif not self.transport.is_closing():
            self._reject(HeaderTimeout(f"The header fields did not end within {HEADER_SECONDS:.0f} seconds."))

    def _reject(self, error: ClientError) -> None:
        """Respond with an error and close. Responses to earlier requests are sent first, in order."""
        self._is_closing = True
        self._stop_waiting()
        answer = encode_rejection(error)
        if due := self._last_due():
            due.keep_alive = False
        elif self._budget.in_body and self.cycle.response_started:
            self.transport.close()
        else:
            self._abandon_request()
            self.transport.write(answer)
            self._linger()

    def _last_due(self) -> RequestResponseCycle | None:
        """Return the last complete request without a complete response."""
        if not self._budget.in_body:
            return self.cycle if self._is_answering else None
        if not self.pipeline or self.pipeline[0][0] is not self.cycle:
            return None
        self.pipeline.popleft()  # the rejected request itself was waiting for others
        return self.pipeline[0][0] if self.pipeline else self._running

    def _abandon_request(self) -> None:
        """Report a disconnect to the route that reads the body."""
        if self._budget.in_body:
            self.cycle.disconnected = True
            self.cycle.message_event.set()

    def _linger(self) -> None:
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self.loop.call_later(_LINGER_SECONDS, self.timeout_keep_alive_handler)
