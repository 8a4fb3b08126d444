"""`/metrics`, `/livez` and `/readyz` of the worker service. Its event loop answers, so an answer shows that it runs."""

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
class Probes:
    """`is_ready`: whether tasks that are published now would be delivered here; false until the worker runs."""

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
                status, body = HTTPStatus.METHOD_NOT_ALLOWED, b"Use GET or HEAD.\n"
            case b"/livez":
                pass
            case b"/readyz":
                if not self.is_ready():
                    status, body = HTTPStatus.SERVICE_UNAVAILABLE, b"Not consuming from the broker.\n"
            case b"/metrics":
                media_type, body = CONTENT_TYPE_LATEST, exposition()
            case _:
                status, body = HTTPStatus.NOT_FOUND, b"Not found. Available: /metrics, /livez, /readyz.\n"
        head = f"HTTP/1.1 {status.value} {status.phrase}\r\nContent-Type: {media_type}\r\nContent-Length: {len(body)}"
        return f"{head}\r\nConnection: close\r\n\r\n".encode() + (body if method != b"HEAD" else b"")


@asynccontextmanager
async def serve_probes(host: str, port: int) -> AsyncIterator[Probes]:
    """Answer probes while the body runs. Raises ConfigurationError when the port is not available."""
    probes = Probes()
    try:
        server = await asyncio.start_server(probes.answer, host, port)
    except OSError as error:
        raise ConfigurationError(
            f"Cannot serve metrics on {host}:{port} ({error.strerror}). Set DARKROOM_WORKER_METRICS_PORT to a free "
            "port, or DARKROOM_WORKER_METRICS_HOST to an address of this machine."
        ) from error
    _log.info("metrics_served", host=host, port=server.sockets[0].getsockname()[1])
    try:
        yield probes
    finally:
        server.close()
