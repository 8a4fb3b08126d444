"""`/metrics`, `/livez` and `/readyz` of the worker service; its event loop answers, so an answer says that it turns."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus

import structlog

from core.errors import ConfigurationError
from core.exposition import CONTENT_TYPE_LATEST, exposition

_REQUEST_SECONDS = 5.0
_log = structlog.get_logger()


@dataclass
class Observation:
    """`is_ready`: whether tasks that are published now would come here; nobody's are, until the worker says."""

    is_ready: Callable[[], bool] = lambda: False

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, EOFError, asyncio.LimitOverrunError):  # TimeoutError is an OSError
            async with asyncio.timeout(_REQUEST_SECONDS):
                head = await reader.readuntil(b"\r\n\r\n")
                writer.write(self._response(head.partition(b"\r\n")[0]))
                await writer.drain()
        writer.close()

    def _response(self, request_line: bytes) -> bytes:
        status, media_type, body = HTTPStatus.OK, "text/plain", b"ok\n"
        method, _, target = request_line.partition(b" ")
        match target.partition(b" ")[0].partition(b"?")[0]:
            case _ if method not in {b"GET", b"HEAD"}:
                status, body = HTTPStatus.METHOD_NOT_ALLOWED, b"GET and HEAD are answered here.\n"
            case b"/livez":
                pass
            case b"/readyz":
                if not self.is_ready():
                    status, body = HTTPStatus.SERVICE_UNAVAILABLE, b"Not consuming from the broker.\n"
            case b"/metrics":
                media_type, body = CONTENT_TYPE_LATEST, exposition()
            case _:
                status, body = HTTPStatus.NOT_FOUND, b"/metrics, /livez and /readyz are here.\n"
        head = f"HTTP/1.1 {status.value} {status.phrase}\r\nContent-Type: {media_type}\r\nContent-Length: {len(body)}"
        return f"{head}\r\nConnection: close\r\n\r\n".encode() + (body if method != b"HEAD" else b"")


@asynccontextmanager
async def observed(host: str, port: int) -> AsyncIterator[Observation]:
    """Raises ConfigurationError when the port cannot be had."""
    observation = Observation()
    try:
        server = await asyncio.start_server(observation.answer, host, port)
    except OSError as error:
        detail = f"Cannot serve metrics on {host}:{port} ({error.strerror}): set DARKROOM_WORKER_METRICS_PORT."
        raise ConfigurationError(detail) from error
    _log.info("metrics_served", host=host, port=server.sockets[0].getsockname()[1])
    try:
        yield observation
    finally:
        server.close()
