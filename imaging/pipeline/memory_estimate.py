"""Estimates the memory of a plan, so that what cannot fit is rejected before anything is decoded (ADR 32)."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from math import ceil, prod

from PIL import Image

from core.errors import PermanentError, ResourceLimit
from imaging.codecs.formats import ANALYSIS
from imaging.codecs.source_info import SourceInfo
from imaging.colors import has_alpha
from imaging.limits import Limits
from imaging.memory import PIXELS_AT_ONCE
from imaging.orientation import Size
from imaging.pipeline.plan import Plan

_PIXEL_BYTES = 4  # of an image of Pillow, in any mode of colours
_MEGA = 10**6
# Beside the pixels, by what libraries allocate for images of 49 megapixels: `make bench-memory`.
_DECODER_BYTES = {
    "jpeg": 6,
    "png": 1,
    "webp": 5,
    "avif": 7,
    "heic": 5,
    "jxl": 20,
    "gif": 2,
    "tiff": 8,
    "bmp": 2,
    "svg": 8,
}
_ENCODER_BYTES = {"jpeg": 1, "png": 2, "webp": 6, "avif": 29, "jxl": 21, "gif": 4, "tiff": 3, "bmp": 4, "jpeg2000": 64}
_ALPHA_ENCODER_BYTES = {"webp": 30, "jxl": 32, "jpeg2000": 84}  # where some of the image is transparent
_LOSSLESS_ENCODER_BYTES = {"webp": 30}
_OPAQUE = 255
_ALWAYS_TRIED = 2**22  # pixels of an output


@dataclass(frozen=True, slots=True)
class _Stage:
    """Something that is done to all pixels: `label` is what errors call it, `size` the larger one of its images."""

    label: str
    size: Size
    pixel_bytes: int


def check_memory(plan: Plan, source: SourceInfo, limits: Limits, *, output_format: str) -> None:
    """Raise ResourceLimit if a stage needs more than `limits.memory_bytes`."""
    for stage in _stages(plan, source, output_format):
        if prod(stage.size) > PIXELS_AT_ONCE:
            _check(stage, limits)


def check_encoder_memory(image: Image.Image, limits: Limits, *, output_format: str, lossless: bool) -> None:
    """Raise ResourceLimit if the image to be encoded needs more: its transparency is known only now."""
    if prod(image.size) <= _ALWAYS_TRIED:
        return
    needed = [_ENCODER_BYTES.get(output_format, 0)]
    if lossless:
        needed.append(_LOSSLESS_ENCODER_BYTES.get(output_format, 0))
    if has_alpha(image) and image.getchannel("A").getextrema() != (_OPAQUE, _OPAQUE):
        needed.append(_ALPHA_ENCODER_BYTES.get(output_format, 0))
    _check(_Stage(f"output: {output_format}", image.size, _PIXEL_BYTES + max(needed)), limits)


def _check(stage: _Stage, limits: Limits) -> None:
    needed = prod(stage.size) * stage.pixel_bytes
    if limits.memory_bytes is not None and needed > limits.memory_bytes:
        raise ResourceLimit(
            f"{stage.label}: {stage.size[0]} x {stage.size[1]} pixels at {stage.pixel_bytes} bytes a pixel need "
            f"{needed // _MEGA:,} MB of memory, and a render has {limits.memory_bytes // _MEGA:,} MB. "
            f"Resize to at most {limits.memory_bytes // stage.pixel_bytes:,} pixels before it."
        )


def largest_size(plan: Plan, source: SourceInfo) -> Size:
    """The size with the most pixels that an image has in a plan."""
    return max((stage.size for stage in _stages(plan, source, ANALYSIS)), key=prod)


def _stages(plan: Plan, source: SourceInfo, output_format: str) -> Iterator[_Stage]:
    size = _decoded_size(plan, source)
    decoder_bytes = source.decoder_bytes or _DECODER_BYTES[source.format]
    yield _Stage("decode", max(source.size, size, key=prod), _PIXEL_BYTES + decoder_bytes)
    with suppress(PermanentError):  # a step that fails by its size does so when it is applied
        for each in plan.passes:
            before, size = size, each.size_after(size)
            larger, smaller = sorted((before, size), key=prod, reverse=True)
            share = -(-_PIXEL_BYTES * prod(smaller) // max(1, prod(larger)))
            yield _Stage(each.label, larger, _PIXEL_BYTES + share + each.working_bytes)
        yield _Stage(f"output: {output_format}", size, _PIXEL_BYTES + _ENCODER_BYTES.get(output_format, 0))


def _decoded_size(plan: Plan, source: SourceInfo) -> Size:
    width, height = (ceil(side / plan.decode_hints.shrink_factor) for side in source.size)
    return width, height
