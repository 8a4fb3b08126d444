"""Cutting out a part of the picture: a box in pixels or per cent, or the largest one of a shape."""

from fractions import Fraction
from typing import Annotated, ClassVar, Literal, Self

from PIL import Image
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from core.errors import InvalidStep
from imaging.filters.base import Filter, Size
from imaging.filters.geometry.entropy import entropy_crop
from imaging.filters.parameters import GRAVITY, Aspect, Extent, Offset, to_pixels
from imaging.orientation import Box

Share = Annotated[Annotated[float, Field(ge=0, le=1)] | None, Field(json_schema_extra={"unit": "of the side"})]


class Crop(Filter):
    summary: ClassVar[str] = "Cuts out a part of the picture."

    left: Offset = Field(None, description="Left edge of the box; left out: gravity places it.")
    top: Offset = Field(None, description="Top edge of the box; left out: gravity places it.")
    width: Extent = Field(None, description="Width of the box; left out: up to the picture's edge.")
    height: Extent = Field(None, description="Height of the box; left out: up to the picture's edge.")
    aspect: Aspect = Field(None, description="Instead of a box: the largest part of this shape, such as 16:9.")
    gravity: Literal[
        "northwest", "north", "northeast", "west", "center", "east", "southwest", "south", "southeast", "entropy"
    ] = Field("center", description="Which part stays where no edge says so; entropy: where the most is to be seen.")
    focal_x: Share = Field(
        None, description="Instead of gravity: what stays as near to the middle as can be, 0 is left."
    )
    focal_y: Share = Field(None, description="The same downwards, 0 is the top.")

    @model_validator(mode="after")
    def _check_box(self) -> Self:
        if self.aspect and not (self.left is self.top is self.width is self.height is None):
            raise PydanticCustomError("two_boxes", "takes aspect or left, top, width and height, not both")
        return self

    def size_after(self, size: Size) -> Size:
        left, top, right, bottom = self.box(size)
        return right - left, bottom - top

    def apply(self, image: Image.Image) -> Image.Image:
        box = self.box(image.size) if self.is_placed else self._entropy_box(image)
        return image if box == (0, 0, *image.size) else image.crop(box)

    @property
    def is_placed(self) -> bool:
        """Whether the size of a picture alone says what is cut out."""
        return self.gravity in GRAVITY

    def box(self, size: Size) -> Box:
        """Left, top, right and bottom, clipped to the picture. Raises InvalidStep when nothing is left.

        Where the picture itself decides, one in its middle.
        """
        return self._box(size, GRAVITY.get(self.gravity, GRAVITY["center"]))

    def _entropy_box(self, image: Image.Image) -> Box:
        return self._box(image.size, entropy_crop(image, self.size_after(image.size)))

    def _box(self, size: Size, shares: tuple[float, float]) -> Box:
        extents = _largest(size, self.aspect) if self.aspect else (self.width, self.height)
        sides = zip(size, (self.left, self.top), extents, shares, (self.focal_x, self.focal_y), strict=True)
        (left, right), (top, bottom) = (_span(*side) for side in sides)
        if left >= right or top >= bottom:
            raise InvalidStep(f"the box begins at {left},{top}, outside the picture of {size[0]} x {size[1]} pixels")
        return left, top, right, bottom


def _span(
    whole: int, offset: int | str | None, extent: int | str | None, share: float, focal: float | None
) -> tuple[int, int]:
    """First pixel and the one past the last, along one side of the picture."""
    length = None if extent is None else max(1, to_pixels(extent, whole))
    if offset is not None:
        start = to_pixels(offset, whole)
        return start, whole if length is None else min(start + length, whole)
    length = whole if length is None else min(length, whole)
    start = int((whole - length) * share)
    if focal is not None:
        start = max(0, min(whole - length, round(whole * focal - length / 2)))
    return start, start + length


def _largest(size: Size, aspect: str) -> Size:
    """The largest box of an aspect within a picture."""
    across, down = (Fraction(side) for side in aspect.split(":"))
    width, height = size
    return max(1, min(width, round(height * across / down))), max(1, min(height, round(width * down / across)))
