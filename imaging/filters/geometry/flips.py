"""Flips and transpositions, which move whole pixels: nothing is resampled."""

from abc import abstractmethod
from typing import ClassVar

from PIL import Image

from imaging.filters.base import Filter, Size
from imaging.orientation import Orientation


class _OrientationFilter(Filter):
    @abstractmethod
    def as_orientation(self) -> Orientation: ...

    def size_after(self, size: Size) -> Size:
        return self.as_orientation().size_after(size)

    def apply(self, image: Image.Image) -> Image.Image:
        return self.as_orientation().apply(image)


class Flip(_OrientationFilter):
    summary: ClassVar[str] = "Flips the image upside down."

    def as_orientation(self) -> Orientation:
        return Orientation(flip_y=True)


class Flop(_OrientationFilter):
    summary: ClassVar[str] = "Mirrors the image: left and right change places."

    def as_orientation(self) -> Orientation:
        return Orientation(flip_x=True)


class Transpose(_OrientationFilter):
    summary: ClassVar[str] = "Mirrors the image across the diagonal from its top left corner: rows become columns."

    def as_orientation(self) -> Orientation:
        return Orientation(transpose=True)


class Transverse(_OrientationFilter):
    summary: ClassVar[str] = "Mirrors the image across the diagonal from its top right corner."

    def as_orientation(self) -> Orientation:
        return Orientation(transpose=True, flip_x=True, flip_y=True)
