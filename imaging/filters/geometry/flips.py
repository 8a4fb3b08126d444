"""Turns and reflections that move whole pixels: nothing is resample."""

from abc import abstractmethod
from typing import ClassVar

from PIL import Image

from imaging.filters.base import Filter, Size
from imaging.orientation import Turn


class _Mirror(Filter):
    @abstractmethod
    def as_turn(self) -> Turn: ...

    def size_after(self, size: Size) -> Size:
        return self.as_turn().size_after(size)

    def apply(self, image: Image.Image) -> Image.Image:
        return self.as_turn().apply(image)


class Flip(_Mirror):
    summary: ClassVar[str] = "Turns the picture upside down, as water does."

    def as_turn(self) -> Turn:
        return Turn(down=True)


class Flop(_Mirror):
    summary: ClassVar[str] = "Swaps left and right, as a mirror does."

    def as_turn(self) -> Turn:
        return Turn(across=True)


class Transpose(_Mirror):
    summary: ClassVar[str] = "Makes rows of columns: a mirror along the line from the top left to the bottom right."

    def as_turn(self) -> Turn:
        return Turn(swaps=True)


class Transverse(_Mirror):
    summary: ClassVar[str] = "A mirror along the line from the top right to the bottom left."

    def as_turn(self) -> Turn:
        return Turn(swaps=True, across=True, down=True)
