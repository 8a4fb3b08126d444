"""Puts passes into the order in which each has the fewest pixels to process.

Passes that move whole pixels and those that change each pixel by its own value alone can swap places. So crops come
first; flips and right-angle rotations wait until a pass needs them, and are then applied at once, if possible after a
resize rather than before.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial

from PIL import Image

from imaging.filters.base import Scaling
from imaging.orientation import IDENTITY, Box, Orientation, Size
from imaging.pipeline.passes import Pass

BoxOf = Callable[[Size], Box]


def reorder(passes: Iterable[Pass], orientation: Orientation) -> list[Pass]:
    """The passes in a better order. `orientation` is what the decoded image needs before the first step."""
    reordering = _Reordering(orientation)
    for each in passes:
        reordering.add(each)
    return reordering.finish()


def resize_of(each: Pass) -> Scaling | None:
    """Its resize, if that gives the same for an image that is oriented later or was decoded smaller."""
    return each.steps[-1].as_resize() if each.steps else None


def box_of(each: Pass, size: Size) -> Box | None:
    """What it cuts out of an image of this size, if size alone decides. Raises InvalidStep when nothing is left."""
    box = each.steps[-1].as_crop() if each.steps else None
    return _stored_box(box, each.orientation, size) if box else None


class _Reordering:
    def __init__(self, orientation: Orientation) -> None:
        self._done: list[Pass] = []
        self._front = 0  # as far as a crop may move forward
        self._pending = replace(_NO_ORIENTATION, apply=orientation.apply, orientation=orientation)

    def add(self, each: Pass) -> None:
        step = each.steps[-1]
        orientation, box, resize = step.as_orientation(), step.as_crop(), step.as_resize()
        if orientation is not None:
            self._orient(each, self._pending.orientation.then(orientation))
        elif box:
            self._crop(each, box)
        elif resize and (resize.is_symmetric or not self._pending_passes()):
            self._close(_orient_after(resize, each, self._pending))
        elif step.pixelwise:
            self._done.append(each)
        else:
            self._close(*self._pending_passes(), each)

    def finish(self) -> list[Pass]:
        return [*self._done, *self._pending_passes()]

    def _orient(self, each: Pass, orientation: Orientation) -> None:
        steps, indices = (*self._pending.steps, *each.steps), (*self._pending.indices, *each.indices)
        self._pending = replace(
            self._pending, steps=steps, indices=indices, apply=orientation.apply, orientation=orientation
        )

    def _crop(self, each: Pass, box: BoxOf) -> None:
        orientation = self._pending.orientation
        apply = partial(_crop_stored, box, orientation)
        crop = replace(each, apply=apply, moves_pixels=True, orientation=orientation)
        self._done.insert(self._front, crop)
        self._front += 1

    def _pending_passes(self) -> list[Pass]:
        return [self._pending] if self._pending.steps or self._pending.orientation != IDENTITY else []

    def _close(self, *passes: Pass) -> None:
        """Add passes that nothing may overtake, the pending orientation among them."""
        self._done.extend(passes)
        self._front = len(self._done)
        self._pending = _NO_ORIENTATION


_NO_ORIENTATION = Pass(steps=(), indices=(), apply=IDENTITY.apply, moves_pixels=True, only_orients=True)


def _crop_stored(box_of_size: BoxOf, orientation: Orientation, image: Image.Image) -> Image.Image:
    box = _stored_box(box_of_size, orientation, image.size)
    return image if box == (0, 0, *image.size) else image.crop(box)


def _stored_box(box_of_size: BoxOf, orientation: Orientation, size: Size) -> Box:
    """The box in an image of `size` that is still to be oriented."""
    seen = orientation.size_after(size)
    return orientation.box_before(box_of_size(seen), seen)


def _orient_after(resize: Scaling, each: Pass, pending: Pass) -> Pass:
    steps, indices = (*pending.steps, *each.steps), (*pending.indices, *each.indices)
    apply = partial(resize.apply_oriented, orientation=pending.orientation)
    return Pass(steps=steps, indices=indices, apply=apply, orientation=pending.orientation)
