"""How small a JPEG may be decoded: a resize that comes first, or right after a crop, throws most of its pixels away."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from operator import methodcaller

from core.errors import InvalidStep
from imaging.filters.base import Size
from imaging.filters.geometry.resize import Resize
from imaging.orientation import Box
from imaging.pipeline.passes import Pass
from imaging.pipeline.reorder import as_resize, box_cut_out

_FINER = 1.25  # times what a resize leaves: nearer to it, the scaling of JPEG blocks shows (below 38 dB)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shrinking:
    """The passes that begin a plan for a picture of `size`: the crop to `box`, if any, and the resize of what is left.

    The box is in pixels of the picture as it is stored.
    """

    size: Size
    box: Box
    crop: Pass | None
    taken: Pass
    resize: Resize

    @property
    def part(self) -> Size:
        left, top, right, bottom = self.box
        return right - left, bottom - top

    def least_size(self) -> Size:
        """The smallest that the picture may be decoded at, for what comes out to be as good."""
        turn = self.taken.turn
        needed = turn.size_after(self.resize.scaled(turn.size_after(self.part)))
        width, height = (
            math.ceil(_FINER * least * whole / own)
            for least, whole, own in zip(needed, self.size, self.part, strict=True)
        )
        return width, height

    def of_shrunk(self, shrunk: int) -> tuple[Pass, ...]:
        """For the picture decoded that many times smaller. Pixels that the box cuts in two are cut by the resize."""
        left, top, right, bottom = (side / shrunk for side in self.box)
        outer = (math.floor(left), math.floor(top), math.ceil(right), math.ceil(bottom))
        apply = partial(
            self.resize.apply_shrunk,
            full=self.part,
            shrink_factor=shrunk,
            orientation=self.taken.turn,
            offset=(left - outer[0], top - outer[1]),
        )
        resize = replace(self.taken, apply=apply, size_before=self.part)
        if not self.crop:
            return (resize,)
        return replace(self.crop, apply=methodcaller("crop", outer), size_before=self.size), resize


def shrinking(passes: Sequence[Pass], size: Size) -> Shrinking | None:
    """None where the plan begins otherwise, or with a crop that cannot be taken."""
    try:
        box = box_cut_out(passes[0], size) if passes else None
    except InvalidStep:
        return None
    crop, rest = (passes[0], passes[1:]) if box else (None, passes)
    resize = as_resize(rest[0]) if rest else None
    if not resize:
        return None
    return Shrinking(size=size, box=box or (0, 0, *size), crop=crop, taken=rest[0], resize=resize)
