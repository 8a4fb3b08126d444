import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from core import tracing
from core.errors import ConfigurationError
from core.tracing.export import export_traces
from core.tracing.otlp import OtlpTracer


@pytest.fixture
def collector() -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    with tracing.tracing(OtlpTracer(provider)):
        yield exporter
    provider.shutdown()


def test_that_nothing_is_traced_unless_somebody_listens() -> None:
    with tracing.span("render"):
        tracing.describe({"darkroom.attempt": 1})
        assert (tracing.context(), tracing.trace_id()) == (None, None)
    with export_traces("", service="test"), tracing.span("render"):
        assert tracing.trace_id() is None


def test_that_the_exporter_is_not_even_imported_then() -> None:
    code = "import sys, api.app, worker.runner; sys.exit('opentelemetry.exporter' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=300).returncode == 0  # noqa: S603 - ours


def test_that_a_span_within_a_span_is_its_child(collector: InMemorySpanExporter) -> None:
    with tracing.span("task", kind="consumer"), tracing.span("render"):
        pass
    render, task = collector.get_finished_spans()
    assert (render.name, task.name, task.kind.name) == ("render", "task", "CONSUMER")
    assert parent_of(render) == span_id(task)


def test_that_a_context_takes_the_trace_elsewhere(collector: InMemorySpanExporter) -> None:
    with tracing.span("publish"):
        carried = tracing.context()
        trace_id = tracing.trace_id()
    assert re.fullmatch(f"00-{trace_id}-[0-9a-f]{{16}}-0[13]", carried or "")
    with tracing.span("task", parent=carried):
        assert tracing.trace_id() == trace_id
    publish, task = collector.get_finished_spans()
    assert parent_of(task) == span_id(publish)


@pytest.mark.parametrize("garbage", ["", "00-zz-zz-01", "hello"])
def test_that_a_context_that_cannot_be_read_starts_a_new_trace(collector: InMemorySpanExporter, garbage: str) -> None:
    with tracing.span("task", parent=garbage):
        pass
    assert parent_of(collector.get_finished_spans()[0]) is None


def test_that_a_span_keeps_its_attributes(collector: InMemorySpanExporter) -> None:
    with tracing.span("task"):
        tracing.describe({"darkroom.attempt": 2})
    assert collector.get_finished_spans()[0].attributes == {"darkroom.attempt": 2}


def test_that_an_error_fails_its_span(collector: InMemorySpanExporter) -> None:
    with suppress(ValueError), tracing.span("render"):
        raise ValueError("no")
    assert not collector.get_finished_spans()[0].status.is_ok


def test_that_an_endpoint_must_be_a_url() -> None:
    with pytest.raises(ConfigurationError, match="must be"), export_traces("collector:4318", service="test"):
        pass


def test_that_a_missing_extra_is_named() -> None:
    """As it is for whoever did not install it."""
    code = """
import sys
sys.modules["opentelemetry"] = None
from core.errors import ConfigurationError
from core.tracing.export import export_traces
try:
    with export_traces("http://127.0.0.1:4318", service="test"):
        pass
except ConfigurationError as error:
    print(error.detail)
"""
    ended = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=300)  # noqa: S603 - ours
    assert ended.stdout.count("\n") == 1
    assert "install the extra `tracing`" in ended.stdout


def span_id(span: ReadableSpan) -> int:
    context = span.get_span_context()
    assert context
    return context.span_id


def parent_of(span: ReadableSpan) -> int | None:
    return span.parent.span_id if span.parent else None
