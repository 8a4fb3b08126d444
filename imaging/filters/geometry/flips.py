"""Turns and reflections that move whole pixels: nothing is resampled."""

from abc import abstractmethod
from typing import ClassVar

from PIL import Image

from imaging.filters.base import Filter, Group, Size
from imaging.orientation import Turn


class _Mirror(Filter):
    @abstractmethod
    def as_turn(self) -> Turn: ...

    def size_after(self, size: Size) -> Size:
        return self.as_turn().size_after(size)

    def apply(self, image: Image.Image) -> Image.Image:
        return self.as_turn().apply(image)


class Flip(_Mirror):
    name: ClassVar[str] = "flip"
    group: ClassVar[Group] = "geometry"
    summary: ClassVar[str] = "Turns the picture upside down, as water does."

    def as_turn(self) -> Turn:
        return Turn(down=True)


class Flop(_Mirror):
    name: ClassVar[str] = "flop"
    group: ClassVar[Group] = "geometry"
    summary: ClassVar[str] = "Swaps left and right, as a mirror does."

    def as_turn(self) -> Turn:
        return Turn(across=True)


class Transpose(_Mirror):
    name: ClassVar[str] = "transpose"
    group: ClassVar[Group] = "geometry"
    summary: ClassVar[str] = "Makes rows of columns: a mirror along the line from the top left to the bottom right."

    def as_turn(self) -> Turn:
        return Turn(swaps=True)


class Transverse(_Mirror):
    name: ClassVar[str] = "transverse"
    group: ClassVar[Group] = "geometry"
    summary: ClassVar[str] = "A mirror along the line from the top right to the bottom left."

    def as_turn(self) -> Turn:
        return Turn(swaps=True, across=True, down=True)
