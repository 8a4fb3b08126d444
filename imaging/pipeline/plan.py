"""Compiles the steps of a pipeline to a plan: what is decoded, and the passes that run, in which order."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from imaging.codecs.source_info import DecodeHints, SourceInfo
from imaging.filters import Filter
from imaging.filters.base import Size
from imaging.pipeline.passes import Pass, pass_of
from imaging.pipeline.reorder import reorder, resize_of
from imaging.pipeline.shrink_on_load import shrink_on_load


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Passes for an image that was decoded by these hints."""

    decode_hints: DecodeHints
    passes: tuple[Pass, ...]


def compile_plan(
    steps: tuple[Filter, ...],
    source: SourceInfo,
    *,
    whole: bool = False,
    holds_words: bool = False,
    first_index: int = 0,
) -> Plan:
    """Plan the steps for one source.

    `whole`: decode all its pixels and colours, whatever the steps need. `holds_words`: the output can have 16 bits a
    sample, which stay where no step does more than move them. `first_index`: of the first step in the pipeline.
    """
    indexed = (pass_of(step, index) for index, step in enumerate(steps, start=first_index))
    passes = fuse(reorder(indexed, source.pending_orientation))
    passes, factor = (passes, 1) if whole else shrink_on_load(passes, source)
    hints = DecodeHints(
        shrink_factor=factor,
        luma_only=not whole and _sees_luma_only(passes),
        as_array=factor == 1 and _reads_array(passes, source.size),
        keep_words=holds_words and source.has_words and all(step.moves_samples for step in steps),
    )
    return Plan(decode_hints=hints, passes=passes)


def fuse(passes: Iterable[Pass]) -> tuple[Pass, ...]:
    """Join neighbours that only transform colours, wherever one transform can do what they do."""
    fused: list[Pass] = []
    for each in passes:
        both = _join(fused[-1], each) if fused else None
        fused[-1:] = [both] if both else [*fused[-1:], each]
    return tuple(fused)


def _join(before: Pass, after: Pass) -> Pass | None:
    both = before.color_transform and after.color_transform and before.color_transform.then(after.color_transform)
    if not both:
        return None
    steps, indices = (*before.steps, *after.steps), (*before.indices, *after.indices)
    return Pass(steps=steps, indices=indices, apply=both.apply, color_transform=both)


def _sees_luma_only(passes: Iterable[Pass]) -> bool:
    """Whether the first pass that reads colours needs luma alone.

    One resize or mean may come before it: that changes luma by a rounding at most.
    """
    reading = [each for each in passes if not each.moves_pixels]
    first = reading[1:2] if reading and _averages(reading[0]) else reading[:1]
    return any(each.sees_luma_only for each in first)


def _averages(each: Pass) -> bool:
    return resize_of(each) is not None or any(step.averages for step in each.steps)


def _reads_array(passes: Iterable[Pass], size: Size) -> bool:
    """Whether native code reads the decoded image first, or right after look-up tables, which accept it either way."""
    reading = (each for each in passes if not each.only_looks_up)
    return any(each.reads_array(size) for each in islice(reading, 1))
