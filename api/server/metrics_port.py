"""Serves `/metrics` on a port of its own, so that whoever reaches the API does not reach the metrics."""

from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from prometheus_client import start_http_server

from core.errors import ConfigurationError
from core.exposition import metrics_registry

_log = structlog.get_logger("api")


@contextmanager
def serve_metrics(host: str, port: int) -> Iterator[None]:
    """Answer scrapes in a thread while the body runs; port 0: do nothing, since the API's port has them.

    Enter it after DIRECTORY_VARIABLE is set, if there are several processes. Raises ConfigurationError if the port
    is not available.
    """
    if not port:
        yield
        return
    try:
        server, thread = start_http_server(port, host, metrics_registry())
    except OSError as error:
        raise ConfigurationError(
            f"Cannot serve metrics on {host}:{port} ({error.strerror}). Set DARKROOM_METRICS_PORT to a free port, or "
            "DARKROOM_METRICS_HOST to an address of this machine."
        ) from error
    _log.info("metrics_served", host=host, port=port)
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
