"""Turns a pipeline into one for a proxy, a smaller copy of the source: its output shows what the task will give."""

from collections.abc import Iterator
from dataclasses import dataclass

from imaging.filters import Filter
from imaging.filters.base import Scaling, Size
from imaging.filters.geometry.resize import Thumbnail
from imaging.limits import Limits
from imaging.pipeline.passes import label_of
from imaging.pipeline.run import errors_of

MAX_PREVIEW_SIDE = 1024  # pixels, of a proxy and of a preview


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """A preview of at most `max_side` pixels a side. `source_size` is that of the oriented original, in pixels."""

    source_size: Size
    max_side: int


def scale_steps(
    steps: tuple[Filter, ...], preview: Preview, *, proxy_size: Size, limits: Limits
) -> tuple[Filter, tuple[Filter, ...], Filter]:
    """Return what comes before the steps, the steps for the smaller image, and what comes after them.

    Raises the InvalidStep or ImageTooLarge that the task would end with, as far as sizes alone decide.
    """
    fit = Thumbnail(size=preview.max_side)
    factor = fit.size_after(proxy_size)[0] / preview.source_size[0]
    scaler = _Scaler(preview.source_size, min(1.0, factor), limits=limits, max_side=preview.max_side)
    return fit, tuple(scaler.scale(steps)), fit


class _Scaler:
    """Follows the size that the image has in the task, and how much smaller it is in the preview."""

    def __init__(self, size: Size, factor: float, *, limits: Limits, max_side: int) -> None:
        self._size: Size | None = size  # None from a step on whose size depends on the content
        self._factor = factor
        self._limits = limits
        self._max_side = max_side

    def scale(self, steps: tuple[Filter, ...]) -> Iterator[Filter]:
        for index, step in enumerate(steps):
            with errors_of(label_of(step, index)):
                after = self._size_after(step)
            if after and self._size and (resize := step.as_resize()):
                self._factor = self._factor_after(resize, self._size, after)
            self._size = after
            yield step.for_preview(self._factor)

    def _size_after(self, step: Filter) -> Size | None:
        if not self._size or step.sizes_by_content:
            return None
        size = step.size_after(self._size)
        self._limits.check(size)
        return size

    def _factor_after(self, resize: Scaling, size: Size, after: Size) -> float:
        """Leave as many pixels as the task does if the preview has them: never enlarge, and fit into `max_side`."""
        growth = max(new / own for new, own in zip(resize.scaled(size), size, strict=True))
        return min(1.0, self._factor / growth, self._max_side / max(after))
