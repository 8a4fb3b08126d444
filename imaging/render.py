"""From a source's bytes to an output's: decode, take every step on every frame, encode."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any
from uuid import UUID

from PIL import Image

from imaging.analysis import analyse
from imaging.codecs.decoder import Decoding, Frame, Source, open_source
from imaging.codecs.encoder import Encoded, can_embed_profile, encode
from imaging.codecs.formats import ANALYSIS, ANIMATED, Format
from imaging.codecs.frames import Picture
from imaging.codecs.output_options import OutputOptions, choose_format
from imaging.limits import Limits
from imaging.memory import ENGINE
from imaging.pipeline.parse import Pipeline
from imaging.pipeline.plan import Plan, compile_plan
from imaging.pipeline.report import DecodeReport, EncodeReport, RenderReport, scale_of
from imaging.pipeline.run import Clock, Taking


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """An output before it is stored. An analysis is JSON twice: as data, and as what the data says."""

    data: bytes
    format: str
    width: int
    height: int
    source_pixels: int
    report: RenderReport
    analysis: dict[str, Any] | None = None


def render(
    source: bytes | memoryview,
    pipeline: Pipeline,
    output: OutputOptions,
    *,
    limits: Limits,
    pictures: Mapping[UUID, bytes] = MappingProxyType({}),
) -> Rendered:
    """`pictures` are the second ones that steps name. Raises a PermanentError; MemoryError passes through."""
    decode_clock, encode_clock = Clock(), Clock()
    with decode_clock.running():
        opened = open_source(source, limits=limits, auto_orient=output.auto_orient)
    output_format = choose_format(output, source_format=opened.format)
    opened = replace(opened, keep_profile=output.icc == "keep" and can_embed_profile(output_format))
    stored, turn = opened.unturned()
    plan, decoding = _decode_less(stored, compile_plan(pipeline.steps, turn=turn), output)
    as_array = decoding.shrunk == 1 and plan.takes_array(stored.size)
    taking = Taking(plan.passes, limits, pictures=pictures)
    frames = list(taking.all_of(decode_clock.making(_frames(stored, output, output_format, as_array=as_array))))
    with encode_clock.running():
        analysis = _analysis(frames[0].image, opened, output)
        encoded = _encoded(frames, opened, output, output_format) if analysis is None else _said(analysis, frames[0])
    return Rendered(
        data=encoded.data,
        format=output_format if analysis is None else ANALYSIS,
        width=encoded.width,
        height=encoded.height,
        source_pixels=taking.source_pixels,
        report=RenderReport(
            engine=ENGINE,
            decode=DecodeReport(
                scale=scale_of(decoding.shrunk),
                luma_only=decoding.luma_only,
                frames=len(frames),
                milliseconds=decode_clock.milliseconds,
            ),
            passes=taking.reports(),
            encode=EncodeReport(milliseconds=encode_clock.milliseconds),
        ),
        analysis=analysis,
    )


def _frames(opened: Source, output: OutputOptions, output_format: Format, *, as_array: bool) -> Iterator[Frame]:
    if output.frames == "all" and not output.analyse and output_format in ANIMATED and opened.is_animated:
        yield from opened.frames()
    else:
        yield Frame(opened.first(as_array=as_array), 0)


def _decode_less(opened: Source, plan: Plan, output: OutputOptions) -> tuple[Plan, Decoding]:
    """An analysis tells of the whole source, so that one is decoded as it is."""
    if output.analyse:
        return plan, Decoding()
    size = opened.size
    decoding = opened.decode_less(least=plan.least_size(size), luma_only=plan.luma_only)
    return plan.of_shrunk(size, decoding.shrunk), decoding


def _analysis(image: Image.Image, opened: Source, output: OutputOptions) -> dict[str, Any] | None:
    return analyse(output.analyse, image, source=opened, background=output.background) if output.analyse else None


def _said(analysis: dict[str, Any], frame: Frame) -> Encoded:
    data = json.dumps(analysis, indent=1).encode()
    return Encoded(data=data, width=frame.image.width, height=frame.image.height)


def _encoded(frames: Sequence[Frame], opened: Source, output: OutputOptions, output_format: Format) -> Encoded:
    picture = Picture(
        frames=tuple(frame.image for frame in frames),
        durations_ms=tuple(frame.duration_ms for frame in frames),
        plays=opened.plays if output.loop is None else output.loop,
        metadata=opened.metadata(output.metadata),
    )
    return encode(picture, output_format, output)
