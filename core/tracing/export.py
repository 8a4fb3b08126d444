"""Sends spans to a collector. OpenTelemetry is imported only when one is configured."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from importlib import import_module
from typing import cast

from core.errors import ConfigurationError
from core.tracing import Tracer, tracing


@contextmanager
def export_traces(endpoint: str, *, service: str) -> Iterator[None]:
    """Send spans to the OTLP/HTTP collector at `endpoint`, the remaining ones on leaving; do nothing when it is empty.

    Raises ConfigurationError without the extra `tracing`.
    """
    if not endpoint:
        yield
        return
    try:
        otlp = import_module("core.tracing.otlp")
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            f"DARKROOM_OTLP_ENDPOINT is set, but {error.name} is not installed: "
            "install the extra `tracing`, as in darkroom-images[server,tracing], or unset it."
        ) from error
    opened = cast("AbstractContextManager[Tracer]", otlp.exporting_tracer(endpoint, service=service))
    with opened as tracer, tracing(tracer):
        yield
