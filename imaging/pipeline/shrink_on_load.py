"""Shrink-on-load: a resize that comes first, or right after a crop, discards most pixels, so fewer are decoded."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from operator import methodcaller

from core.errors import InvalidStep
from imaging.codecs.source_info import SourceInfo
from imaging.filters.base import Scaling, Size
from imaging.orientation import Box
from imaging.pipeline.passes import Pass
from imaging.pipeline.reorder import box_of, resize_of

_MARGIN = 1.25  # times the size that a resize leaves: below it, the scaling of JPEG blocks shows (under 38 dB)


def shrink_on_load(passes: tuple[Pass, ...], source: SourceInfo) -> tuple[tuple[Pass, ...], float]:
    """The passes for the source decoded smaller, and by which factor each side is; 1 where all of it is needed.

    A drawing is drawn as large as the resize needs it, so its factor may be less than 1.
    """
    is_drawing = source.most_enlargement > 1
    start = _find_start(passes, source.size) if source.shrink_factors or is_drawing else None
    if start and is_drawing:
        factor = start.choose_scale(source.most_enlargement)
    else:
        factor = start.choose_factor(source.shrink_factors) if start else 1
    if not start or factor == 1:
        return passes, 1
    first = start.shrink(factor)
    return (*first, *passes[len(first) :]), factor


@dataclass(frozen=True, slots=True, kw_only=True)
class _Start:
    """The passes that begin a plan for an image of `size`: the crop to `box`, if any, and the resize of what is left.

    The box is in pixels as they are stored.
    """

    size: Size
    box: Box
    crop: Pass | None
    scale: Pass
    resize: Scaling

    @property
    def part(self) -> Size:
        left, top, right, bottom = self.box
        return right - left, bottom - top

    def choose_factor(self, factors: Sequence[int]) -> int:
        """The largest by which no side becomes too small for the resize; 1 if there is none."""
        ratio = min(own // least for own, least in zip(self.size, self._least_size(), strict=True))
        return next((factor for factor in factors if factor <= ratio), 1)

    def choose_scale(self, most_enlargement: float) -> float:
        """The one by which the sides become what the resize leaves, or more."""
        needed = self._least_size(margin=1)
        return max(1 / most_enlargement, min(own / least for own, least in zip(self.size, needed, strict=True)))

    def _least_size(self, *, margin: float = _MARGIN) -> Size:
        """The smallest size that the image may be decoded at for an output that is as good."""
        orientation = self.scale.orientation
        needed = orientation.size_after(self.resize.scaled(orientation.size_after(self.part)))
        width, height = (
            math.ceil(margin * least * whole / own)
            for least, whole, own in zip(needed, self.size, self.part, strict=True)
        )
        return width, height

    def shrink(self, factor: float) -> tuple[Pass, ...]:
        """These passes for the smaller image. The resize cuts the pixels on the edge of the box, which are shared."""
        left, top, right, bottom = (side / factor for side in self.box)
        outer = (math.floor(left), math.floor(top), math.ceil(right), math.ceil(bottom))
        apply = partial(
            self.resize.apply_shrunk,
            full=self.part,
            shrink_factor=factor,
            orientation=self.scale.orientation,
            offset=(left - outer[0], top - outer[1]),
        )
        scale = replace(self.scale, apply=apply, size_before=self.part)
        if not self.crop:
            return (scale,)
        return replace(self.crop, apply=methodcaller("crop", outer), size_before=self.size), scale


def _find_start(passes: Sequence[Pass], size: Size) -> _Start | None:
    """None where the plan begins otherwise, or with a crop that fails."""
    try:
        box = box_of(passes[0], size) if passes else None
    except InvalidStep:
        return None
    crop, rest = (passes[0], passes[1:]) if box else (None, passes)
    resize = resize_of(rest[0]) if rest else None
    if not resize:
        return None
    return _Start(size=size, box=box or (0, 0, *size), crop=crop, scale=rest[0], resize=resize)
