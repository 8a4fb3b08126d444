"""Middleware in pure ASGI, so that bodies are streamed unchanged in both directions."""

import re
import time
import uuid
from typing import Any

import structlog
from anyio import BrokenResourceError
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import unexpected
from api.server.path_prefix import path_below_prefix
from core import tracing
from core.telemetry import HTTP_IN_FLIGHT, HTTP_REQUESTS, HTTP_SECONDS

_VALID_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
# For responses that do not set them: API data, which no other origin may embed.
_SECURITY_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_PRIVATE = {"Cache-Control": "no-store"}  # responses of /v1/ are private
_log = structlog.get_logger(__name__)


class RequestIds:
    """Adds a request id to the response and to every log line: the client's if it is valid, else a new one.

    The user, who becomes known later, is in the log lines that follow.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = request_id_of(scope)
        scope.setdefault("state", {})["request_id"] = request_id
        tracing.describe({"darkroom.request_id": request_id})
        structlog.contextvars.clear_contextvars()  # such as the API key of the previous request
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            private = _PRIVATE if path_below_prefix(scope).startswith("/v1/") else {}
            headers = {"X-Request-ID": request_id, **_SECURITY_HEADERS, **private}
            try:
                await self.app(scope, receive, _adding(send, headers))
            finally:
                structlog.contextvars.unbind_contextvars("user_id")


class HeadAsGet:
    """Handles HEAD as GET; the server omits the body."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_head = scope["type"] == "http" and scope["method"] == "HEAD"
        scope.setdefault("state", {})["is_head"] = is_head
        await self.app({**scope, "method": "GET"} if is_head else scope, receive, send)


class Metrics:
    """Counts and times requests by route template: paths would make a time series for every id.

    Measures until the response begins, without the time that the client asked to wait.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        status, started, answered = "500", time.perf_counter(), 0.0

        async def observe(message: Message) -> None:
            nonlocal status, answered
            if message["type"] == "http.response.start":
                status, answered = str(message["status"]), time.perf_counter()
            await send(message)

        with HTTP_IN_FLIGHT.track_inprogress():
            try:
                await self.app(scope, receive, observe)
            finally:
                waited_seconds = scope.get("state", {}).get("waited_seconds", 0.0)
                _record(scope, status, (answered or time.perf_counter()) - started - waited_seconds)


class UnexpectedErrors:
    """Turns unexpected exceptions into one logged traceback and a response without details."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def observe(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, observe)
        except Exception as error:
            if started and _is_cut_stream(error):
                return
            if scope["type"] != "http" or started:
                raise
            _log.exception("request_failed", path=scope["path"])
            await unexpected(scope["state"]["request_id"])(scope, receive, send)


def _is_cut_stream(error: Exception) -> bool:
    """Return whether this is FastAPI's event stream writing to a client that has just disconnected."""
    return isinstance(error, ExceptionGroup) and error.split(BrokenResourceError)[1] is None


def request_id_of(scope: Scope) -> str:
    """Return the client's request id if it is valid, else a new one."""
    request_id = _header(scope, b"x-request-id")
    return request_id if _VALID_ID.fullmatch(request_id) else uuid.uuid4().hex


def add_standard_headers(headers: MutableHeaders, request_id: str) -> None:
    """Add what each response has, unless it has its own."""
    for name, value in {"X-Request-ID": request_id, **_SECURITY_HEADERS}.items():
        headers.setdefault(name, value)


def _header(scope: Scope, wanted: bytes) -> str:
    return next((value.decode("latin-1") for name, value in scope["headers"] if name == wanted), "")


def _adding(send: Send, headers: dict[str, str]) -> Send:
    async def add(message: Message) -> None:
        if message["type"] == "http.response.start":
            present = MutableHeaders(scope=message)
            for name, value in headers.items():
                present.setdefault(name, value)
        await send(message)

    return add


def _record(scope: Scope, status: str, seconds: float) -> None:
    method = scope["method"] if scope["method"] in _METHODS else "other"
    route: Any = scope.get("route")
    record_request(method, getattr(route, "path", "unmatched"), status, seconds)


def record_request(method: str, template: str, status: str, seconds: float) -> None:
    HTTP_REQUESTS.labels(method, template, status).inc()
    HTTP_SECONDS.labels(method, template).observe(seconds)
