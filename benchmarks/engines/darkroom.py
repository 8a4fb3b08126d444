"""Darkroom: what a render child does."""

from functools import partial

from benchmarks.engines.loop import Render, serve
from benchmarks.engines.rows import OPERATIONS, Row, rows
from core.limits import Limits
from core.output import OutputOptions
from core.pipeline import Pipeline, parse_output_options, parse_pipeline
from core.render import render


def _render(row: Row) -> Render:
    quality = {"quality": row.quality} if row.quality else {}
    return partial(
        _rendered,
        pipeline=parse_pipeline(OPERATIONS[row.operation]),
        output=parse_output_options({"format": row.format, **quality}),
    )


def _rendered(data: bytes, *, pipeline: Pipeline, output: OutputOptions) -> bytes:
    return render(data, pipeline, output, limits=Limits()).data


if __name__ == "__main__":
    serve({row.key: _render(row) for row in rows()})
