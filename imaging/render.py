"""From a source's bytes to an output's: open, plan, run, encode."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any
from uuid import UUID

from imaging.analysis import analyse, encode_analysis
from imaging.codecs.decoder import open_image
from imaging.codecs.encoder import Encoded, can_hold_words, encode
from imaging.codecs.formats import ANIMATED, Format, choose_auto
from imaging.codecs.frames import Frame, FrameSequence
from imaging.codecs.metadata import can_embed_profile, check_statement
from imaging.codecs.output_options import OutputOptions, choose_format
from imaging.codecs.source import SourceImage
from imaging.colors import has_alpha
from imaging.limits import Limits
from imaging.memory import mapping_memory
from imaging.pipeline.geometry import describe_geometry
from imaging.pipeline.memory_estimate import check_memory, largest_size
from imaging.pipeline.parse import Pipeline
from imaging.pipeline.plan import Plan, compile_plan
from imaging.pipeline.report import ENGINE, DecodeReport, EncodeReport, RenderReport
from imaging.pipeline.run import PlanRunner, Stopwatch


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """An output before it is stored; width and height in pixels. An analysis is there as a JSON file and as data."""

    data: bytes
    format: str
    width: int
    height: int
    source_pixels: int
    report: RenderReport
    analysis: dict[str, Any] | None = None


def render(
    data: bytes | memoryview,
    pipeline: Pipeline,
    output: OutputOptions,
    *,
    limits: Limits,
    auxiliary_images: Mapping[UUID, bytes] = MappingProxyType({}),
) -> Rendered:
    """Render the image file in `data`; `auxiliary_images` are the files that steps refer to, by id.

    Raises a PermanentError if this file cannot be rendered with these steps and options, InvalidPipeline if its
    format cannot hold what is stated, and MemoryError.
    """
    decoding, encoding = Stopwatch(), Stopwatch()
    with decoding.running():
        source = open_image(data, limits=limits, auto_orient=output.auto_orient)
    auto = choose_auto(source.info.format, has_alpha=has_alpha(source.file))
    output_format = choose_format(output, auto=auto)
    if not output.analyse:
        check_statement(output.metadata_request.statement, output_format)
    holds_words = can_hold_words(output_format) and not output.analyse
    plan = compile_plan(pipeline.steps, source.info, whole=bool(output.analyse), holds_words=holds_words)
    check_memory(plan, source.info, limits, output_format="json" if output.analyse else output_format)
    with mapping_memory(largest_size(plan, source.info)):
        runner = PlanRunner(plan.passes, limits, auxiliary_images=auxiliary_images)
        frames = list(runner.run(decoding.timing(_decode(source, plan, output, output_format))))
        with encoding.running():
            encoded = _encode(source, frames, pipeline, output, output_format)
    return Rendered(
        data=encoded.data,
        format=encoded.format,
        width=encoded.width,
        height=encoded.height,
        source_pixels=runner.source_pixels,
        report=_report(source, plan, runner, decoding, encoding),
        analysis=encoded.analysis,
    )


def _decode(source: SourceImage, plan: Plan, output: OutputOptions, output_format: Format) -> Iterator[Frame]:
    return source.decode(
        plan.decode_hints,
        all_frames=output.frames == "all" and not output.analyse and output_format in ANIMATED,
        keep_profile=output.icc == "keep" and can_embed_profile(output_format),
    )


def _encode(
    source: SourceImage, frames: Sequence[Frame], pipeline: Pipeline, output: OutputOptions, output_format: Format
) -> Encoded:
    if output.analyse:
        first = frames[0].image
        analysis = analyse(output.analyse, first, source=source, background=output.background)
        return encode_analysis(analysis, first.size)
    return encode(_to_sequence(source, frames, pipeline, output), output_format, output)


def _to_sequence(
    source: SourceImage, frames: Sequence[Frame], pipeline: Pipeline, output: OutputOptions
) -> FrameSequence:
    return FrameSequence(
        images=tuple(frame.release() for frame in frames),
        durations_ms=tuple(frame.duration_ms for frame in frames),
        loop_count=source.loop_count if output.loop is None else output.loop,
        metadata=source.metadata(output.metadata_request, describe_geometry(pipeline.steps)),
        low_bytes=frames[0].low_bytes,
    )


def _report(
    source: SourceImage, plan: Plan, runner: PlanRunner, decoding: Stopwatch, encoding: Stopwatch
) -> RenderReport:
    decoded = DecodeReport(
        scale=_describe_scale(plan.decode_hints.shrink_factor),
        luma_only=source.luma_only,
        frames=runner.frames,
        milliseconds=decoding.milliseconds,
    )
    written = EncodeReport(milliseconds=encoding.milliseconds)
    return RenderReport(engine=ENGINE, decode=decoded, passes=runner.reports(), encode=written)


def _describe_scale(shrink_factor: float) -> str:
    return f"1/{shrink_factor:g}" if shrink_factor >= 1 else f"{1 / shrink_factor:.4g}"
