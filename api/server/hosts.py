"""Host and path prefix of requests: links are built from them, so a Host header with a foreign name is rejected."""

import socket
from collections.abc import Iterable
from functools import lru_cache
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from api.errors import problem, status_of
from api.server.path_prefix import prefix_of
from core.errors import UnknownHost
from core.settings import Settings, is_path_prefix

_REMEMBERED = 100  # hosts of clients
_ADVICE = "Set DARKROOM_PUBLIC_URL, or list the name in DARKROOM_ALLOWED_HOSTS, if it is this service's."


class ForwardedHeaders(ProxyHeadersMiddleware):
    """Applies the forwarded scheme, client, host and path prefix, if a trusted proxy sent them."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # type: ignore[override]  # uvicorn has types of its own
        peer = scope.get("client")
        if scope["type"] == "http" and peer and peer[0] in self.trusted_hosts:
            headers = scope["headers"]
            prefix = _nearest(headers, b"x-forwarded-prefix").decode("latin-1").rstrip("/")
            root_path = prefix if is_path_prefix(prefix) else ""
            scope = {**scope, "headers": list(_with_forwarded_host(headers)), "root_path": root_path}
        await super().__call__(scope, receive, send)  # type: ignore[arg-type]


def _with_forwarded_host(headers: list[tuple[bytes, bytes]]) -> Iterable[tuple[bytes, bytes]]:
    nearest = _nearest(headers, b"x-forwarded-host")
    return ((name, nearest if nearest and name == b"host" else value) for name, value in headers)


def _nearest(headers: list[tuple[bytes, bytes]], wanted: bytes) -> bytes:
    """Return the value of the nearest proxy, which is the last one; others may come from the client."""
    return next((value for name, value in headers if name == wanted), b"").rpartition(b",")[2].strip()


class KnownHosts:
    """Answers 421 for a host that is not in the settings. Addresses and localhost need no setting."""

    def __init__(self, app: ASGIApp, *, names: frozenset[str]) -> None:
        self.app = app
        self._names = names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or is_known_host(host := HTTPConnection(scope).headers.get("host", ""), self._names):
            await self.app(scope, receive, send)
            return
        detail = f"This service does not serve the host {host[:100]!r}. {_ADVICE}"
        answer = problem(scope["state"]["request_id"], status_of(UnknownHost), code=UnknownHost.code, detail=detail)
        await answer(scope, receive, send)


@lru_cache(maxsize=_REMEMBERED)
def is_known_host(host: str, names: frozenset[str]) -> bool:
    """Return whether the host of a request is one of `names`, an address, or localhost."""
    name = _name_of(host)
    is_local = name in {"", "localhost"} or name.endswith(".localhost") or _is_address(name)
    return is_local or name in names or "*" in names


def known_hosts(settings: Settings) -> frozenset[str]:
    """Return the accepted host names; `*` if nothing depends on them, because links lead to an S3 server."""
    listed = [name.strip().lower() for name in settings.allowed_hosts.split(",") if name.strip()]
    if settings.public_url:
        listed.append(_name_of(urlsplit(settings.public_url).netloc))
    if not listed and not settings.objects_are_files:
        return frozenset({"*"})
    return frozenset({*listed, settings.host.lower(), socket.gethostname().lower()})


def base_url(request: HTTPConnection, *, public_url: str) -> str:
    """Return the URL that the client uses for the service, with its path prefix and without a trailing slash."""
    host = request.headers.get("host") or request.url.netloc
    origin, prefix = public_url.rstrip("/") or f"{request.url.scheme}://{host}", prefix_of(request)
    return origin if urlsplit(origin).path else origin + prefix


def _name_of(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:  # such as an IPv6 address without its bracket
        return host


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
