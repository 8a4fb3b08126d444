"""Middleware that lets early responses reach clients that are still sending their request."""

import asyncio
from collections.abc import Iterable

import structlog
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_LINGER_SECONDS = 2.0
_log = structlog.get_logger(__name__)


class LingeringClose:
    """Makes sure that a response sent before the end of the body reaches the client.

    Closing a connection while the client still sends makes the kernel reset it, and the response may be lost. So an
    early response has `Connection: close`, and what still arrives is discarded for a while.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not _announces_body(scope["headers"]):
            await self.app(scope, receive, send)
            return
        body = _Body(receive)

        async def close_if_early(message: Message) -> None:
            if not body.ended and message["type"] == "http.response.start":
                MutableHeaders(scope=message)["Connection"] = "close"
            if body.ended or message["type"] != "http.response.body" or message.get("more_body"):
                await send(message)
                return
            await send({**message, "more_body": True})
            if not any(name == b"expect" and value for name, value in scope["headers"]):
                await body.discard(seconds=_LINGER_SECONDS)
            await send({"type": "http.response.body", "body": b"", "more_body": False})

        await self.app(scope, body.receive, close_if_early)


class _Body:
    """The request's body, and whether it was read completely."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self.ended = False

    async def receive(self) -> Message:
        message = await self._receive()
        self.ended = not message.get("more_body", False)  # a disconnect has no more body either
        return message

    async def discard(self, *, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                while not self.ended:
                    await self.receive()
                    await asyncio.sleep(0)  # a flood must not keep the timeout from firing
        except TimeoutError:
            _log.info("body_cut_off")


def _announces_body(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    return any(name == b"transfer-encoding" or (name == b"content-length" and value != b"0") for name, value in headers)
