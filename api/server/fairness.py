"""Middleware that keeps one caller from using up a process: turns on the event loop, and limits on requests."""

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from api.accounts.login_throttle import address_of
from api.errors import problem, status_of
from api.server.concurrency import ConcurrencyLimits, Places
from api.server.fair_loop import FairLoop
from api.server.path_prefix import path_below_prefix
from core.errors import TooManyConcurrentRequests
from core.sharing.callers import SERVICE, work_for

PROBES = frozenset({"/livez", "/readyz", "/metrics"})
_EVENTS = "/events"


class FairTurns:
    """Identifies the caller from address and credentials and gives it turns on the event loop; probes never wait."""

    def __init__(self, app: ASGIApp, *, limits: ConcurrencyLimits) -> None:
        self.app = app
        self._limits = limits
        self._loop = FairLoop()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or path_below_prefix(scope) in PROBES:
            work_for(SERVICE)
            await self.app(scope, receive, send)
            return
        waits = scope["path"].endswith(_EVENTS)
        places = Places(self._limits, address=address_of(Request(scope)), credentials=_credentials(scope), waits=waits)
        scope.setdefault("state", {})["places"] = places
        await self._loop.run(self.app(scope, receive, send))


class LimitedConcurrency:
    """Responds with 429 to a request that gets no place within 5 s."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        places: Places | None = scope.get("state", {}).get("places")
        if places is None:
            await self.app(scope, receive, send)
            return
        try:
            await places.enter()
        except TooManyConcurrentRequests as error:
            await self._reject(error, scope, receive, send)
        else:
            await self.app(scope, receive, send)
        finally:
            places.leave()

    @staticmethod
    async def _reject(error: TooManyConcurrentRequests, scope: Scope, receive: Receive, send: Send) -> None:
        headers, request_id = {"Retry-After": str(error.retry_after_seconds)}, scope["state"]["request_id"]
        answer = problem(request_id, status_of(type(error)), code=error.code, detail=error.detail, headers=headers)
        await answer(scope, receive, send)


def _credentials(scope: Scope) -> bytes:
    found: dict[bytes, bytes] = {
        name: value for name, value in scope["headers"] if name in {b"authorization", b"cookie"}
    }
    return found.get(b"authorization") or found.get(b"cookie", b"")
