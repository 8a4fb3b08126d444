"""Reports forwarded headers that are ignored: behind a proxy that nobody named, all clients count as one."""

import structlog
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from core.telemetry import IGNORED_FORWARDINGS

_FORWARDED = frozenset({b"forwarded", b"x-forwarded-for", b"x-forwarded-proto", b"x-forwarded-host"})
_MAX_REPORTED = 8  # anybody can send these headers
_ADVICE = (
    "If this is the address of your proxy, name it in DARKROOM_TRUSTED_PROXIES. Until then, all clients behind it "
    "share one address: ten wrong passwords for an account lock it out for all of them, and their requests count as "
    "one client's."
)
_log = structlog.get_logger("api")


class UntrustedForwarding(ProxyHeadersMiddleware):
    """Counts requests whose forwarded headers are ignored, and logs the first one of each peer. Changes nothing."""

    def __init__(self, app: ASGIApp, *, trusted_hosts: str) -> None:
        super().__init__(app, trusted_hosts=trusted_hosts)  # type: ignore[arg-type]  # uvicorn has types of its own
        self._reported: set[str] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # type: ignore[override]
        peer = scope.get("client")
        if scope["type"] == "http" and peer and any(name in _FORWARDED for name, _ in scope["headers"]):
            self._report(peer[0])
        await self.app(scope, receive, send)  # type: ignore[arg-type]

    def _report(self, peer: str) -> None:
        if peer in self.trusted_hosts:
            return
        IGNORED_FORWARDINGS.inc()
        if peer not in self._reported and len(self._reported) < _MAX_REPORTED:
            self._reported.add(peer)
            _log.warning("forwarded_headers_ignored", peer=peer, advice=_ADVICE)
