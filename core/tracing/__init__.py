"""Spans, so that one upload is one trace from the request to the worker's steps. Off unless a collector is named.

Off, a span costs one comparison; OpenTelemetry, whose only home is core/tracing/otlp.py, is not imported for it.
"""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Literal, Protocol

Kind = Literal["internal", "producer", "consumer"]
Attributes = Mapping[str, str | int]


class Tracer(Protocol):
    """What core/tracing/otlp.py implements; the functions below describe each method."""

    def span(self, name: str, *, kind: Kind, parent: str | None) -> AbstractContextManager[None]: ...

    def describe(self, attributes: Attributes) -> None: ...

    def context(self) -> str | None: ...

    def trace_id(self) -> str | None: ...


_tracer: Tracer | None = None


@contextmanager
def span(name: str, *, kind: Kind = "internal", parent: str | None = None) -> Iterator[None]:
    """Trace one step. `parent`: the context of a span elsewhere; without it, the enclosing span."""
    if _tracer is None:
        yield
        return
    with _tracer.span(name, kind=kind, parent=parent):
        yield


def describe(attributes: Attributes) -> None:
    """Add attributes to the current span."""
    if _tracer:
        _tracer.describe(attributes)


def context() -> str | None:
    """Return the current span as a W3C `traceparent`, for the place where the next span of the trace begins."""
    return _tracer.context() if _tracer else None


def trace_id() -> str | None:
    return _tracer.trace_id() if _tracer else None


@contextmanager
def tracing(tracer: Tracer) -> Iterator[None]:
    """Record spans with `tracer` while the body runs."""
    global _tracer  # noqa: PLW0603 - like a logger it is nobody's argument
    before, _tracer = _tracer, tracer
    try:
        yield
    finally:
        _tracer = before
