"""Serves the API below a path of a proxy, such as `/darkroom`, whether or not the proxy removes it."""

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send


class PathPrefix:
    """Serves below the forwarded prefix, else that of the settings, whether or not the proxy has removed it.

    Inside, the path begins with `root_path`, as ASGI requires and as mounted applications rely on. A line break stays
    percent-encoded: Starlette's routes ignore one at the end.
    """

    def __init__(self, app: ASGIApp, *, prefix: str) -> None:
        self.app = app
        self._prefix = prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if "\n" in scope.get("path", ""):
            scope = {**scope, "path": scope["path"].replace("\n", "%0A")}
        prefix = scope.get("root_path") or self._prefix
        if scope["type"] == "http" and prefix:
            is_whole = f"{scope['path']}/".startswith(f"{prefix}/")
            scope = {**scope, "root_path": prefix, "path": scope["path"] if is_whole else prefix + scope["path"]}
        await self.app(scope, receive, send)


def prefix_of(request: HTTPConnection) -> str:
    """Return the path that clients see before those of the API, such as `/darkroom`; usually empty."""
    return str(request.scope.get("root_path", ""))


def path_below_prefix(scope: Scope) -> str:
    """Return the path as the routes define it."""
    return str(scope["path"]).removeprefix(scope.get("root_path", ""))
