"""Runs uvicorn: binds the port first, opens the lifespan around the server, and exits with 0 after a signal."""

import asyncio
import errno
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, cast

import uvicorn
from fastapi import FastAPI

from api.dependencies import State
from api.server.protocol import Connection
from core.errors import ConfigurationError
from core.runtime import on_stop_signals

_BACKLOG = 2048
_KEEP_ALIVE_SECONDS = 15
_GRACE_SECONDS = 10
OPTIONS: dict[str, Any] = {
    "http": Connection,
    "ws": "none",
    "log_config": None,
    "log_level": "warning",
    "access_log": False,
    "server_header": False,
    "backlog": _BACKLOG,
    "proxy_headers": False,  # api/server/hosts.py
    "timeout_keep_alive": _KEEP_ALIVE_SECONDS,
    "timeout_graceful_shutdown": _GRACE_SECONDS,
}
_REASONS = {
    errno.EADDRINUSE: "is in use. Stop the process that listens there, or set DARKROOM_PORT to another port",
    errno.EACCES: "is reserved for root. Set DARKROOM_PORT to a port above 1023",
    errno.EADDRNOTAVAIL: "is not on this machine. Set DARKROOM_HOST to one of its addresses",
}


def listen(host: str, port: int) -> socket.socket:
    """Bind the port, before anything else is opened. Raises ConfigurationError if it is not available."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except OSError as error:
        reason = _REASONS.get(error.errno or 0, f"cannot be listened on ({error}). Check DARKROOM_HOST")
        raise ConfigurationError(f"Port {port} of {host} {reason}.") from error


def url_of(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


async def serve(app: FastAPI, listener: socket.socket, *, on_ready: Callable[[], None]) -> None:
    """Serve until SIGINT or SIGTERM. The lifespan runs here, so that its errors reach the caller unchanged."""
    on_stop_signals(_cancel_current_task())
    async with app.router.lifespan_context(app) as state:
        config = uvicorn.Config(app, lifespan="off", **OPTIONS)
        server = _Server(config, state=cast("State", state))
        on_stop_signals(server.stop)
        on_ready()
        await server.serve(sockets=[listener])
        on_stop_signals(_cancel_current_task())  # a second signal does not wait for the worker to drain


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, *, state: State) -> None:
        super().__init__(config)
        self._state = state

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Each request gets its own copy of the state, as if the lifespan had run here."""
        self.lifespan.state.update(self._state)
        await super().startup(sockets)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Do nothing: uvicorn would miss signals before it serves, and raise them again after its shutdown."""
        yield

    def stop(self) -> None:
        self.should_exit = True


def _cancel_current_task() -> Callable[[], object]:
    task = asyncio.current_task()
    return task.cancel if task else lambda: None
