"""What is counted and logged about renders and the processes they run in."""

from collections.abc import Mapping

import structlog

from core.telemetry import (
    OUTPUT_BYTES,
    OUTPUT_PIXELS,
    RENDER_SECONDS,
    SANDBOX,
    SOURCE_BYTES,
    SOURCE_PIXELS,
    STEP_SECONDS,
)
from rendering.protocol import RenderReply
from rendering.sandbox import ACTIVE

_log = structlog.get_logger()


def report_sandbox(sandbox: Mapping[str, str]) -> None:
    """Set the gauge of each layer, and log the missing ones."""
    for layer, state in sandbox.items():
        SANDBOX.labels(layer).set(state == ACTIVE)
    if missing := {layer: state for layer, state in sandbox.items() if state != ACTIVE}:
        _log.warning("sandbox_incomplete", **missing)


def count_render(reply: RenderReply, *, source_bytes: int, seconds: float) -> None:
    RENDER_SECONDS.labels(reply.format).observe(seconds)
    SOURCE_BYTES.inc(source_bytes)
    SOURCE_PIXELS.inc(reply.source_pixels)
    OUTPUT_BYTES.inc(reply.output_bytes)
    OUTPUT_PIXELS.inc(reply.width * reply.height)
    for name, step_seconds in reply.report.step_seconds if reply.report else ():
        STEP_SECONDS.labels(name).observe(step_seconds)
