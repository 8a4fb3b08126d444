"""The only home of OpenTelemetry, which is an extra: imported when DARKROOM_OTLP_ENDPOINT names a collector.

Headers, sampling and more resource attributes come from the standard variables, such as OTEL_EXPORTER_OTLP_HEADERS.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from core.errors import ConfigurationError
from core.tracing import Attributes, Kind

_EXPORT_SECONDS = 2.0  # a collector that is frozen must not hold up the end of a process for long
_FORMAT = TraceContextTextMapPropagator()
_KINDS = {
    "internal": trace.SpanKind.INTERNAL,
    "producer": trace.SpanKind.PRODUCER,
    "consumer": trace.SpanKind.CONSUMER,
}


class OtlpTracer:
    """Implements core.tracing.Tracer."""

    def __init__(self, provider: trace.TracerProvider) -> None:
        self._tracer = provider.get_tracer("darkroom")

    @contextmanager
    def span(self, name: str, *, kind: Kind, parent: str | None) -> Iterator[None]:
        context = _FORMAT.extract({"traceparent": parent}) if parent else None
        with self._tracer.start_as_current_span(name, context=context, kind=_KINDS[kind]):
            yield

    def describe(self, attributes: Attributes) -> None:
        trace.get_current_span().set_attributes(dict(attributes))

    def context(self) -> str | None:
        carrier: dict[str, str] = {}
        _FORMAT.inject(carrier)
        return carrier.get("traceparent")

    def trace_id(self) -> str | None:
        found = trace.get_current_span().get_span_context()
        return trace.format_trace_id(found.trace_id) if found.is_valid else None


@contextmanager
def exporting_tracer(endpoint: str, *, service: str) -> Iterator[OtlpTracer]:
    """Export spans of this service and of libraries. A collector that is unavailable costs spans and nothing else.

    Raises ConfigurationError when `endpoint` is not an HTTP URL.
    """
    if urlsplit(endpoint).scheme not in {"http", "https"}:
        raise ConfigurationError("DARKROOM_OTLP_ENDPOINT must be an http(s) URL, such as http://127.0.0.1:4318.")
    exporter = OTLPSpanExporter(f"{endpoint.rstrip('/')}/v1/traces", timeout=_EXPORT_SECONDS)
    provider = TracerProvider(resource=Resource.create({"service.name": service}), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
    try:
        yield OtlpTracer(provider)
    finally:
        provider.shutdown()
