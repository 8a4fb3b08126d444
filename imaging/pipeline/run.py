"""Runs the passes of a plan on one frame after the other, and measures them."""

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from uuid import UUID

from PIL import Image

from core.errors import InvalidStep, PermanentError
from imaging import native
from imaging.codecs.frames import Frame
from imaging.colors import has_alpha
from imaging.filters.auxiliary import AuxiliaryImageFilter, ImageFunction
from imaging.limits import Limits
from imaging.memory import apply_in_bands
from imaging.pipeline.passes import Pass
from imaging.pipeline.report import PassReport, StepReport


class Stopwatch:
    """Adds up wall-clock time."""

    def __init__(self) -> None:
        self._seconds = 0.0

    @property
    def milliseconds(self) -> float:
        """Rounded to hundredths: more is noise."""
        return round(1000 * self._seconds, 2)

    @contextmanager
    def running(self) -> Iterator[None]:
        started = time.perf_counter()
        try:
            yield
        finally:
            self._seconds += time.perf_counter() - started

    def timing[T](self, items: Iterable[T]) -> Iterator[T]:
        """Yield the items, running while each is made and not while it is used."""
        iterator = iter(items)
        while True:
            with self.running():
                try:
                    item = next(iterator)
                except StopIteration:
                    return
            yield item


class PlanRunner:
    """Holds one unfinished frame at a time, and decodes each auxiliary image once, however many frames there are."""

    def __init__(self, passes: Iterable[Pass], limits: Limits, *, auxiliary_images: Mapping[UUID, bytes]) -> None:
        self.source_pixels = 0
        self.frames = 0
        self._limits = limits
        self._passes = list(_bind(passes, auxiliary_images, limits))
        self._stopwatches = [Stopwatch() for _ in self._passes]

    def run(self, frames: Iterable[Frame]) -> Iterator[Frame]:
        """Yield the output of each frame. Raises InvalidStep, ImageTooLarge and what a step raises, naming the step."""
        first_size = None
        for frame in frames:
            self.frames += 1
            self.source_pixels += frame.image.width * frame.image.height
            image = self._run_passes(frame.release())
            first_size = first_size or image.size
            self._check_alike(image.size, first_size)
            low_bytes = self._run_passes(frame.low_bytes) if frame.low_bytes else None
            yield Frame(image, frame.duration_ms, low_bytes=low_bytes)

    def reports(self) -> tuple[PassReport, ...]:
        """What ran so far, and how long."""
        measured = zip(self._passes, self._stopwatches, strict=True)
        return tuple(
            PassReport(steps=_report_steps(each), milliseconds=stopwatch.milliseconds) for each, stopwatch in measured
        )

    def _run_passes(self, image: Image.Image) -> Image.Image:
        for each, stopwatch in zip(self._passes, self._stopwatches, strict=True):
            with stopwatch.running(), errors_of(each.label):
                size = each.size_after(image.size)
                self._limits.check(size)
                self._limits.check_frames(self.frames, size)
                for function in _functions_of(each, image):
                    image = function(image)
        return image

    def _check_alike(self, size: tuple[int, int], first: tuple[int, int]) -> None:
        if size != first:
            raise InvalidStep(
                f"Frame {self.frames} becomes {size[0]} x {size[1]} pixels and the first one {first[0]} x {first[1]}, "
                'but all frames of an animation need the same size. Use the output option {"frames": "first"} to '
                "render the first one only."
            )


def _functions_of(each: Pass, image: Image.Image) -> tuple[ImageFunction, ...]:
    """Return what is applied to the image, one after the other, so that each copy of a large one is freed."""
    run = partial(run_pass, each)
    if each.mixes_colors and has_alpha(image) and native.hides_colors(image):
        return native.fill_hidden_colors, run, native.clear_hidden_colors
    return (run,)


def run_pass(each: Pass, image: Image.Image) -> Image.Image:
    """Apply a pass to a whole image, or to one band of a large image after the other."""
    if each.reach is None:
        return each.apply(image)
    return apply_in_bands(image, lambda part, _: each.apply(part), reach=each.reach)


def _report_steps(each: Pass) -> tuple[StepReport, ...]:
    indexed = zip(each.indices, each.steps, strict=True)
    return tuple(StepReport(place=f"pipeline.{index}", filter=step.name) for index, step in indexed)


@contextmanager
def errors_of(label: str) -> Iterator[None]:
    """Name the step in whatever goes wrong."""
    try:
        yield
    except PermanentError as error:
        raise type(error)(f"{label}: {error.detail}") from error
    except MemoryError:
        raise
    except Exception as error:
        raise InvalidStep(f"{label}: cannot be applied to this image") from error


def _bind(passes: Iterable[Pass], auxiliary_images: Mapping[UUID, bytes], limits: Limits) -> Iterator[Pass]:
    for each in passes:
        bound = each
        for step in each.steps[-1:]:
            if isinstance(step, AuxiliaryImageFilter) and step.image_id in auxiliary_images:
                with errors_of(each.label):
                    bound = replace(each, apply=step.bind(auxiliary_images[step.image_id], limits=limits))
        yield bound
