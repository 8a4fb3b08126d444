"""Filters that add a border around the image or remove it."""

from fractions import Fraction
from typing import Annotated, ClassVar, Literal

from PIL import Image, ImageChops
from pydantic import Field

from imaging.colors import Color, has_alpha, pixel_of, promote_mode
from imaging.filters.base import Filter, Size
from imaging.filters.edge_padding import Margins, extend_edges
from imaging.filters.luts import tabulate
from imaging.filters.parameters import Aspect, Level
from imaging.filters.pixels import Pixels
from imaging.memory import split_rows
from imaging.orientation import Box

Margin = Annotated[int, Field(ge=0, le=16_384), Pixels()]


class Pad(Filter):
    summary: ClassVar[str] = "Adds margins around the image."

    top: Margin = Field(0, description="Height of the top margin.")
    right: Margin = Field(0, description="Width of the right margin.")
    bottom: Margin = Field(0, description="Height of the bottom margin.")
    left: Margin = Field(0, description="Width of the left margin.")
    aspect: Aspect = Field(
        None, description="Adds equal margins on both sides until the image has this aspect ratio, such as 16:9."
    )
    color: Color = Field("transparent", description="Colour of the margins in mode background.")
    mode: Literal["background", "copy", "mirror"] = Field(
        "background",
        description="Content: the colour (background), the outermost pixels (copy) or the mirrored image (mirror).",
    )

    @property
    def moves_samples(self) -> bool:
        """A byte c of a colour becomes c and c again, which is 257 c."""
        return True

    def size_after(self, size: Size) -> Size:
        left, top, right, bottom = self._margins(size)
        return left + size[0] + right, top + size[1] + bottom

    def apply(self, image: Image.Image) -> Image.Image:
        margins = self._margins(image.size)
        if not any(margins):
            return image
        if self.mode != "background":
            return extend_edges(image, margins, mirror=self.mode == "mirror")
        promoted = promote_mode(image, self.color)
        canvas = Image.new(promoted.mode, self.size_after(image.size), pixel_of(self.color, promoted.mode))
        canvas.paste(promoted, margins[:2])
        return canvas

    def _margins(self, size: Size) -> Margins:
        width, height = self.left + size[0] + self.right, self.top + size[1] + self.bottom
        across, down = (Fraction(side) for side in self.aspect.split(":")) if self.aspect else (width, height)
        more_width = max(0, round(height * across / down) - width)
        more_height = max(0, round(width * down / across) - height)
        return (
            self.left + more_width // 2,
            self.top + more_height // 2,
            self.right + more_width - more_width // 2,
            self.bottom + more_height - more_height // 2,
        )


class Trim(Filter):
    summary: ClassVar[str] = "Removes a border of one colour."
    sizes_by_content: ClassVar[bool] = True

    threshold: Level = Field(10, description="Largest difference from the border colour, in any channel.")
    color: Annotated[Color | None, Field(json_schema_extra={"unit": "color"})] = Field(
        None, description="Colour of the border. If omitted, that of the top left pixel."
    )

    def apply(self, image: Image.Image) -> Image.Image:
        """Trim; an image that is nothing but border is returned unchanged."""
        corner, box = image.crop((0, 0, 1, 1)), None
        for top, part in split_rows(image):
            found = self._differences(part, corner).getbbox(alpha_only=False)
            box = _join(box, (found[0], found[1] + top, found[2], found[3] + top)) if found else box
        return image.crop(box) if box else image

    def _differences(self, image: Image.Image, corner: Image.Image) -> Image.Image:
        """Return white where a pixel differs from the border. Hidden colours of transparent pixels do not count."""
        promoted = promote_mode(image, self.color) if self.color else image
        if has_alpha(promoted):
            promoted = promoted.convert(promoted.mode.replace("A", "a"))
        border = self._border(promoted, corner)
        differences = ImageChops.difference(promoted, border)
        return differences.point(tabulate(lambda value: 255 * (value > self.threshold)) * len(promoted.getbands()))

    def _border(self, promoted: Image.Image, corner: Image.Image) -> Image.Image:
        if self.color is None:
            return corner.convert(promoted.mode).resize(promoted.size, Image.Resampling.NEAREST)
        mode = promoted.mode.replace("a", "A")
        return Image.new(mode, promoted.size, pixel_of(self.color, mode)).convert(promoted.mode)


def _join(first: Box | None, second: Box) -> Box:
    """Return the smallest box that holds both."""
    if first is None:
        return second
    starts, ends = zip(first[:2], second[:2], strict=True), zip(first[2:], second[2:], strict=True)
    left, top = map(min, starts)
    right, bottom = map(max, ends)
    return left, top, right, bottom
