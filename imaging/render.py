"""From a source's bytes to an output's: open, plan, run, encode."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any
from uuid import UUID

from imaging.analysis import analyse, encode_analysis
from imaging.codecs.decoder import open_image
from imaging.codecs.encoder import Encoded, can_hold_words, encode
from imaging.codecs.encoding.option_support import check_supported
from imaging.codecs.encoding.source_file import strip_source
from imaging.codecs.formats import ANIMATED, Format
from imaging.codecs.frames import Frame, FrameSequence
from imaging.codecs.metadata import can_embed_profile
from imaging.codecs.output_options import SOURCE_QUALITY, OutputOptions, choose_format
from imaging.codecs.source import SourceImage
from imaging.codecs.sources.jpeg import JpegSource
from imaging.limits import Limits
from imaging.memory import mapping_memory
from imaging.orientation import Size
from imaging.pipeline.geometry import describe_geometry
from imaging.pipeline.memory_estimate import check_encoder_memory, check_memory, largest_size
from imaging.pipeline.parse import Pipeline
from imaging.pipeline.plan import Plan, compile_plan
from imaging.pipeline.preview import Preview, scale_steps
from imaging.pipeline.render_warnings import (
    RenderWarning,
    find_format_warnings,
    find_size_warnings,
    find_step_warnings,
)
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
    source_size: Size  # of the oriented source
    report: RenderReport
    warnings: tuple[RenderWarning, ...] = ()
    analysis: dict[str, Any] | None = None


def render(  # noqa: PLR0913 - what a render is made of
    data: bytes | memoryview,
    pipeline: Pipeline,
    output: OutputOptions,
    *,
    limits: Limits,
    auxiliary_images: Mapping[UUID, bytes] = MappingProxyType({}),
    preview: Preview | None = None,
) -> Rendered:
    """Render the image file in `data`; `auxiliary_images` are the files that steps refer to, by id.

    With `preview`, the file is a proxy, and the output is what the pipeline gives for the original, made smaller.

    Raises a PermanentError if this file cannot be rendered with these steps, InvalidPipeline if its format lacks an
    option, and MemoryError.
    """
    decoding, encoding = Stopwatch(), Stopwatch()
    with decoding.running():
        source = open_image(data, limits=limits, auto_orient=output.auto_orient)
    check_supported(output, source.info.format)
    output_format = choose_format(output, source_format=source.info.format)
    holds_words = can_hold_words(output_format) and not output.analyse
    plan = (
        _plan_preview(source, pipeline, preview, limits)
        if preview
        else compile_plan(pipeline.steps, source.info, whole=bool(output.analyse), holds_words=holds_words)
    )
    check_memory(plan, source.info, limits, output_format="json" if output.analyse else output_format)
    with mapping_memory(largest_size(plan, source.info)):
        runner = PlanRunner(plan.passes, limits, auxiliary_images=auxiliary_images)
        frames = list(runner.run(decoding.timing(_decode(source, plan, output, output_format))))
        size = preview.source_size if preview else source.oriented_size
        warnings = [*find_step_warnings(pipeline.steps, size)]
        if not output.analyse:
            warnings += find_format_warnings(source, frames[0].image, output, output_format)
        with encoding.running():
            _check_encoder(frames, output, output_format, limits)
            encoded = _encode(source, frames, pipeline, output, output_format)
    return Rendered(
        data=encoded.data,
        format=encoded.format,
        width=encoded.width,
        height=encoded.height,
        source_pixels=runner.source_pixels,
        source_size=source.oriented_size,
        report=_report(source, plan, runner, decoding, encoding),
        warnings=(*warnings, *find_size_warnings(len(encoded.data), output)),
        analysis=encoded.analysis,
    )


def _plan_preview(source: SourceImage, pipeline: Pipeline, preview: Preview, limits: Limits) -> Plan:
    before, steps, after = scale_steps(pipeline.steps, preview, proxy_size=source.info.size, limits=limits)
    return compile_plan((before, *steps, after), source.info, first_index=-1)


def _decode(source: SourceImage, plan: Plan, output: OutputOptions, output_format: Format) -> Iterator[Frame]:
    return source.decode(
        plan.decode_hints,
        all_frames=output.frames == "all" and not output.analyse and output_format in ANIMATED,
        keep_profile=output.icc == "keep" and can_embed_profile(output_format),
    )


def _check_encoder(frames: Sequence[Frame], output: OutputOptions, output_format: Format, limits: Limits) -> None:
    if len(frames) == 1 and not output.analyse:
        check_encoder_memory(frames[0].image, limits, output_format=output_format, lossless=output.lossless)


def _encode(
    source: SourceImage, frames: Sequence[Frame], pipeline: Pipeline, output: OutputOptions, output_format: Format
) -> Encoded:
    if output.analyse:
        first = frames[0].image
        analysis = analyse(output.analyse, first, source=source, background=output.background)
        return encode_analysis(analysis, first.size)
    chosen = _with_quality(output, source)
    encoded = encode(_to_sequence(source, frames, pipeline, output), output_format, chosen)
    return _prefer_source(encoded, source, pipeline, output, output_format)


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


def _with_quality(output: OutputOptions, source: SourceImage) -> OutputOptions:
    """The options with a number for the quality of the source."""
    if output.quality != SOURCE_QUALITY or not isinstance(source, JpegSource):
        return output
    return output.model_copy(update={"quality": source.estimate_quality()})


def _prefer_source(
    encoded: Encoded, source: SourceImage, pipeline: Pipeline, output: OutputOptions, output_format: Format
) -> Encoded:
    """The source's own pixels if that is what the option `only_if_smaller` asks for, else the output."""
    if not output.only_if_smaller or pipeline.steps:
        return encoded
    metadata = source.metadata(output.metadata_request, describe_geometry(pipeline.steps))
    own = strip_source(source, output, output_format, metadata)
    if own is None or len(encoded.data) < len(own):
        return encoded
    return replace(encoded, data=own, format=source.info.format)


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
