"""Spans, so that one upload is one trace from the request to the worker's steps. Off unless a collector is named.

Off, a span costs one comparison; OpenTelemetry, whose only home is core/otlp.py, is not imported for it.
"""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from importlib import import_module
from typing import Literal, Protocol, cast

from core.errors import ConfigurationError

Kind = Literal["internal", "producer", "consumer"]
Attributes = Mapping[str, str | int]


class Tracer(Protocol):
    """What core/otlp.py offers; the functions below say what each is for."""

    def span(self, name: str, *, kind: Kind, parent: str | None) -> AbstractContextManager[None]: ...

    def describe(self, attributes: Attributes) -> None: ...

    def context(self) -> str | None: ...

    def trace_id(self) -> str | None: ...


_tracer: Tracer | None = None


@contextmanager
def span(name: str, *, kind: Kind = "internal", parent: str | None = None) -> Iterator[None]:
    """Around one step. `parent`: the context of a span elsewhere; without it, the span around this one."""
    if _tracer is None:
        yield
        return
    with _tracer.span(name, kind=kind, parent=parent):
        yield


def describe(attributes: Attributes) -> None:
    """Say more about the current span."""
    if _tracer:
        _tracer.describe(attributes)


def context() -> str | None:
    """The current span as a W3C `traceparent`, to go where the next span of the trace begins."""
    return _tracer.context() if _tracer else None


def trace_id() -> str | None:
    return _tracer.trace_id() if _tracer else None


@contextmanager
def tracing(tracer: Tracer) -> Iterator[None]:
    """While the body runs, spans are real."""
    global _tracer  # noqa: PLW0603 - like a logger it is nobody's argument
    before, _tracer = _tracer, tracer
    try:
        yield
    finally:
        _tracer = before


@contextmanager
def exporting(endpoint: str, *, service: str) -> Iterator[None]:
    """Send spans to the OTLP/HTTP collector at `endpoint`; nothing when it is empty. Leaving it sends what is left.

    For entry points. Raises ConfigurationError without the extra `tracing`.
    """
    if not endpoint:
        yield
        return
    try:
        otlp = import_module("core.otlp")
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            f"DARKROOM_OTLP_ENDPOINT is set, but {error.name} is not installed: "
            "install the extra `tracing` (uv sync --extra tracing), or unset it."
        ) from error
    opened = cast("AbstractContextManager[Tracer]", otlp.exporting_tracer(endpoint, service=service))
    with opened as tracer, tracing(tracer):
        yield
