"""Puts passes into the order in which each has the fewest pixels to look at.

What moves whole pixels and what gives each a colour by its own alone may change places. So crops come first, turns
are left until somebody needs them and are then taken at once, after a resize rather than before.
"""

from collections.abc import Iterable
from dataclasses import replace
from functools import partial

from PIL import Image

from imaging.filters.geometry.crop import Crop
from imaging.filters.geometry.resize import Resize, Thumbnail
from imaging.orientation import IDENTITY, Box, Orientation, Size
from imaging.pipeline.passes import Pass


def arranged(passes: Iterable[Pass], turn: Orientation) -> list[Pass]:
    """`turn`: what the decoded picture is still to take before the first step."""
    arrangement = _Arrangement(turn)
    for each in passes:
        arrangement.take(each)
    return arrangement.finished()


def as_resize(taken: Pass) -> Resize | None:
    """A resize that a turned picture or a smaller one takes as well. The nearest pixel would be another one."""
    step = taken.steps[-1] if taken.steps else None
    resize = step.as_resize() if isinstance(step, Thumbnail) else step
    return resize if isinstance(resize, Resize) and resize.kernel != "nearest" else None


def box_cut_out(taken: Pass, size: Size) -> Box | None:
    """Of a picture of this size, by a crop that looks at nothing else. Raises InvalidStep when nothing is left."""
    step = taken.steps[-1] if taken.steps else None
    return _box(step, taken.turn, size) if isinstance(step, Crop) and step.is_placed else None


class _Arrangement:
    def __init__(self, turn: Orientation) -> None:
        self._done: list[Pass] = []
        self._front = 0  # as far as a crop may come forward
        self._turning = Pass(steps=(), places=(), apply=turn.apply, moves=True, turns=True, turn=turn)

    def take(self, taken: Pass) -> None:
        step = taken.steps[-1]
        turn = step.as_orientation()
        resize = as_resize(taken)
        if turn is not None:
            self._turn(taken, self._turning.turn.then(turn))
        elif isinstance(step, Crop) and step.is_placed:
            self._crop(taken, step)
        elif resize and (resize.kernel != "box" or not self._turns()):  # a box's edge takes another pixel in a mirror
            self._close(_turned_later(resize, taken, self._turning))
            self._turning = _NOT_TURNING
        elif step.pixelwise:
            self._done.append(taken)
        else:
            self._close(*self._turns(), taken)
            self._turning = _NOT_TURNING

    def finished(self) -> list[Pass]:
        return [*self._done, *self._turns()]

    def _turn(self, taken: Pass, turn: Orientation) -> None:
        steps, places = (*self._turning.steps, *taken.steps), (*self._turning.places, *taken.places)
        self._turning = replace(self._turning, steps=steps, places=places, apply=turn.apply, turn=turn)

    def _crop(self, taken: Pass, crop: Crop) -> None:
        turn = self._turning.turn
        self._done.insert(self._front, replace(taken, apply=partial(_cropped, crop, turn), moves=True, turn=turn))
        self._front += 1

    def _turns(self) -> list[Pass]:
        return [self._turning] if self._turning.steps or self._turning.turn != IDENTITY else []

    def _close(self, *passes: Pass) -> None:
        self._done.extend(passes)
        self._front = len(self._done)


_NOT_TURNING = Pass(steps=(), places=(), apply=IDENTITY.apply, moves=True, turns=True)


def _cropped(crop: Crop, turn: Orientation, image: Image.Image) -> Image.Image:
    box = _box(crop, turn, image.size)
    return image if box == (0, 0, *image.size) else image.crop(box)


def _box(crop: Crop, turn: Orientation, size: Size) -> Box:
    seen = turn.size_after(size)
    return turn.box_before(crop.box(seen), seen)


def _turned_later(resize: Resize, taken: Pass, turning: Pass) -> Pass:
    steps, places = (*turning.steps, *taken.steps), (*turning.places, *taken.places)
    apply = partial(resize.apply_oriented, orientation=turning.turn)
    return Pass(steps=steps, places=places, apply=apply, turn=turning.turn)
