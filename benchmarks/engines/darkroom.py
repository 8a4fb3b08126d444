"""Darkroom's engine, as in a render process. At its end it writes the times of the parts next to OUTPUT."""

import json
import statistics
import sys
from collections import deque
from collections.abc import Iterable
from functools import partial
from pathlib import Path

from benchmarks.engines.loop import Render, serve
from benchmarks.engines.rows import OPERATIONS, Row, rows
from imaging import Limits, OutputOptions, Pipeline, RenderReport, parse_output_options, parse_pipeline, render

_reports = deque[RenderReport](maxlen=1000)


def parts_path(output: Path) -> Path:
    return output.with_suffix(".parts")


def _render(row: Row) -> Render:
    quality = {"quality": row.quality} if row.quality else {}
    return partial(
        _render_one,
        pipeline=parse_pipeline(OPERATIONS[row.operation]),
        output=parse_output_options({"format": row.format, **quality}),
    )


def _render_one(data: bytes, *, pipeline: Pipeline, output: OutputOptions) -> bytes:
    rendered = render(data, pipeline, output, limits=Limits())
    if rendered.report:
        _reports.append(rendered.report)
    return rendered.data


def _median_parts(reports: Iterable[RenderReport]) -> dict[str, float]:
    """Medians, in milliseconds of wall clock."""
    parts = {
        "decode_ms": [report.decode.milliseconds for report in reports],
        "passes_ms": [sum(taken.milliseconds for taken in report.passes) for report in reports],
        "encode_ms": [report.encode.milliseconds for report in reports],
    }
    return {name: statistics.median(values) for name, values in parts.items()}


if __name__ == "__main__":
    serve({row.key: _render(row) for row in rows()})
    parts_path(Path(sys.argv[3])).write_text(json.dumps(_median_parts(_reports)))
