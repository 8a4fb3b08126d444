"""Compiles the steps of a pipeline to passes: what is decoded of a JPEG, in which order, and what is taken at once."""

from dataclasses import dataclass, replace
from itertools import islice

from imaging.filters import Filter
from imaging.filters.base import Size
from imaging.orientation import IDENTITY, Orientation
from imaging.pipeline.fusion import fused
from imaging.pipeline.passes import Pass, pass_of
from imaging.pipeline.reorder import arranged, as_resize
from imaging.pipeline.shrink_on_load import shrinking


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """`luma_only`: nobody will see the colours that are decoded."""

    passes: tuple[Pass, ...]
    luma_only: bool

    def takes_array(self, size: Size) -> bool:
        """Whether a kernel sees a picture of `size` first, or right after look-up tables, which take it either way."""
        looking = (each for each in self.passes if not each.looks_up)
        return any(each.takes_array(size) for each in islice(looking, 1))

    def least_size(self, size: Size) -> Size | None:
        """The smallest that a picture of `size` may be decoded at; None where only all of it will do."""
        found = shrinking(self.passes, size)
        return found.least_size() if found else None

    def of_shrunk(self, size: Size, shrunk: int) -> "Plan":
        """The plan for a picture of `size` once it was decoded that many times smaller."""
        found = shrinking(self.passes, size)
        if not found or shrunk == 1:
            return self
        first = found.of_shrunk(shrunk)
        return replace(self, passes=(*first, *self.passes[len(first) :]))


def compile_plan(steps: tuple[Filter, ...], *, turn: Orientation = IDENTITY) -> Plan:
    """`turn` is what the picture still needs to be upright once it is decoded."""
    passes = fused(arranged((pass_of(step, place) for place, step in enumerate(steps)), turn))
    return Plan(passes=passes, luma_only=_sees_luma_only(passes))


def _sees_luma_only(passes: tuple[Pass, ...]) -> bool:
    """Of the first that looks at colours. One resize or mean before it leaves the luma what it is, to a rounding."""
    looking = [each for each in passes if not each.moves]
    first = looking[1:2] if looking and _averages(looking[0]) else looking[:1]
    return any(each.sees_luma_only for each in first)


def _averages(taken: Pass) -> bool:
    return as_resize(taken) is not None or any(step.averages for step in taken.steps)
