"""Answers requests for images in memory before they reach the routes: most requests of delivery are such.

Whatever is not remembered, is an error, or needs more than a look into memory, goes on to the route.
"""

import time

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from api.delivery.negotiation import Client
from api.delivery.responses import respond_at_once
from api.delivery.signatures import PREFIX
from api.dependencies import resources_of
from api.middleware import add_standard_headers, record_request, request_id_of
from api.server.hosts import is_known_host
from api.server.path_prefix import path_below_prefix

_ROUTE = f"{PREFIX}{{signature}}/{{path:path}}"
_NEEDS_MORE = frozenset({b"content-length", b"transfer-encoding", b"expect", b"origin"})  # a body, or CORS


class DeliveryHits:
    def __init__(self, app: ASGIApp, *, host_names: frozenset[str]) -> None:
        self.app = app
        self._host_names = host_names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.perf_counter()
        answer = self._answer(scope) if _may_hit(scope) else None
        if answer is None:
            await self.app(scope, receive, send)
            return
        add_standard_headers(answer.headers, request_id_of(scope))
        await answer(scope, receive, send)
        record_request("GET", _ROUTE, str(answer.status_code), time.perf_counter() - started)

    def _answer(self, scope: Scope) -> Response | None:
        request = Request(scope)
        if not is_known_host(request.headers.get("host", ""), self._host_names):
            return None
        signature, _, path = path_below_prefix(scope).removeprefix(PREFIX).partition("/")
        deliveries = resources_of(request).deliveries
        delivery = deliveries.recall(signature, path, Client.of(request.headers))
        return respond_at_once(request, deliveries, delivery) if delivery else None


def _may_hit(scope: Scope) -> bool:
    return (
        scope["type"] == "http"
        and scope["method"] in {"GET", "HEAD"}
        and path_below_prefix(scope).startswith(PREFIX)
        and not any(name in _NEEDS_MORE for name, _ in scope["headers"])
    )
