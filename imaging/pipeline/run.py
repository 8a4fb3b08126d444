"""Takes the passes of a plan on one frame after the other, and the time."""

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from uuid import UUID

from PIL import Image

from core.errors import InvalidStep, PermanentError
from imaging.codecs.decoder import Frame
from imaging.filters.auxiliary import AuxiliaryImageFilter
from imaging.limits import Limits
from imaging.pipeline.passes import Pass
from imaging.pipeline.report import PassReport, StepReport


class Clock:
    """Adds up wall clock."""

    def __init__(self) -> None:
        self._seconds = 0.0

    @property
    def milliseconds(self) -> float:
        """To the hundredth: more is noise."""
        return round(1000 * self._seconds, 2)

    @contextmanager
    def running(self) -> Iterator[None]:
        started = time.perf_counter()
        try:
            yield
        finally:
            self._seconds += time.perf_counter() - started

    def making[T](self, items: Iterable[T]) -> Iterator[T]:
        """Runs while each of the items is made, and not while it is used."""
        iterator = iter(items)
        while True:
            with self.running():
                try:
                    item = next(iterator)
                except StopIteration:
                    return
            yield item


class Taking:
    """Only one frame is held undone. Each second picture is decoded once, however many frames there are."""

    def __init__(self, passes: Iterable[Pass], limits: Limits, *, pictures: Mapping[UUID, bytes]) -> None:
        self.source_pixels = 0
        self.frames = 0
        self._limits = limits
        self._passes = list(_bound(passes, pictures, limits))
        self._clocks = [Clock() for _ in self._passes]

    def reports(self) -> tuple[PassReport, ...]:
        return tuple(
            PassReport(
                steps=tuple(
                    StepReport(place=f"pipeline.{place}", filter=step.name)
                    for place, step in zip(taken.places, taken.steps, strict=True)
                ),
                milliseconds=clock.milliseconds,
            )
            for taken, clock in zip(self._passes, self._clocks, strict=True)
        )

    def all_of(self, frames: Iterable[Frame]) -> Iterator[Frame]:
        size = None
        for self.frames, frame in enumerate(frames, start=1):
            self.source_pixels += frame.image.width * frame.image.height
            image = self._take_all(frame.image)
            size = size or image.size
            if image.size != size:
                raise InvalidStep(
                    f"frame {self.frames} comes out in {image.width} x {image.height} pixels, the first in "
                    f'{size[0]} x {size[1]}; the output option {{"frames": "first"}} takes that one alone'
                )
            yield Frame(image, frame.duration_ms)

    def _take_all(self, image: Image.Image) -> Image.Image:
        for each, clock in zip(self._passes, self._clocks, strict=True):
            with clock.running(), _named(each):
                size = each.size_after(image.size)
                self._limits.check(size)
                self._limits.check_frames(self.frames, size)
                image = each.apply(image)
        return image


@contextmanager
def _named(taken: Pass) -> Iterator[None]:
    """Whatever goes wrong, the detail says in which step."""
    try:
        yield
    except PermanentError as error:
        raise type(error)(f"{taken.blame}: {error.detail}") from error
    except MemoryError:
        raise
    except Exception as error:
        raise InvalidStep(f"{taken.blame}: cannot be applied to this picture") from error


def _bound(passes: Iterable[Pass], pictures: Mapping[UUID, bytes], limits: Limits) -> Iterator[Pass]:
    for each in passes:
        bound = each
        for step in each.steps[-1:]:
            if isinstance(step, AuxiliaryImageFilter) and step.image_id in pictures:
                with _named(each):
                    bound = replace(each, apply=step.bind(pictures[step.image_id], limits=limits))
        yield bound
