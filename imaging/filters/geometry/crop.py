"""Crop to a box in pixels or per cent, or to the largest box of an aspect ratio."""

from collections.abc import Callable
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
    summary: ClassVar[str] = "Crops the image to a box or an aspect ratio."

    left: Offset = Field(None, description="Left edge of the box. If omitted, gravity places it.")
    top: Offset = Field(None, description="Top edge of the box. If omitted, gravity places it.")
    width: Extent = Field(None, description="Width of the box. If omitted, it reaches the edge of the image.")
    height: Extent = Field(None, description="Height of the box. If omitted, it reaches the edge of the image.")
    aspect: Aspect = Field(None, description="Instead of a box: the largest part with this aspect ratio, such as 16:9.")
    gravity: Literal[
        "northwest", "north", "northeast", "west", "center", "east", "southwest", "south", "southeast", "entropy"
    ] = Field(
        "center",
        description="Which part is kept where left or top does not decide; entropy: the part with the most detail.",
    )
    focal_x: Share = Field(None, description="Instead of gravity: the point to centre on, from 0 (left) to 1 (right).")
    focal_y: Share = Field(None, description="The point to centre on, from 0 (top) to 1 (bottom).")

    @model_validator(mode="after")
    def _check_box(self) -> Self:
        if self.aspect and not (self.left is self.top is self.width is self.height is None):
            raise PydanticCustomError(
                "two_boxes", "cannot have both aspect and left, top, width or height; remove one of them"
            )
        return self

    def size_after(self, size: Size) -> Size:
        left, top, right, bottom = self.box(size)
        return right - left, bottom - top

    def apply(self, image: Image.Image) -> Image.Image:
        box = self.box(image.size) if self.is_placed else self._entropy_box(image)
        return image if box == (0, 0, *image.size) else image.crop(box)

    def as_crop(self) -> Callable[[Size], Box] | None:
        return self.box if self.is_placed else None

    @property
    def is_placed(self) -> bool:
        """Whether the box follows from the size of the image alone."""
        return self.gravity in GRAVITY

    def box(self, size: Size) -> Box:
        """Return the box, clipped to an image of `size`. Raises InvalidStep if nothing is left.

        Where the content decides, a box of the same size in the middle.
        """
        return self._box(size, GRAVITY.get(self.gravity, GRAVITY["center"]))

    def _entropy_box(self, image: Image.Image) -> Box:
        return self._box(image.size, entropy_crop(image, self.size_after(image.size)))

    def _box(self, size: Size, shares: tuple[float, float]) -> Box:
        extents = _largest(size, self.aspect) if self.aspect else (self.width, self.height)
        sides = zip(size, (self.left, self.top), extents, shares, (self.focal_x, self.focal_y), strict=True)
        (left, right), (top, bottom) = (tuple(map(round, _span(*side))) for side in sides)
        if left >= right or top >= bottom:
            raise InvalidStep(f"the box starts at {left},{top}, outside the image of {size[0]} x {size[1]} pixels")
        return left, top, right, bottom


def _span(
    whole: int, offset: float | str | None, extent: float | str | None, share: float, focal: float | None
) -> tuple[float, float]:
    """Return the first pixel and the one past the last, along one side of the image."""
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
    """Return the size of the largest box of an aspect ratio within an image of `size`."""
    across, down = (Fraction(side) for side in aspect.split(":"))
    width, height = size
    return max(1, min(width, round(height * across / down))), max(1, min(height, round(width * down / across)))
