"""Filters that add something around the picture or take it away."""

from fractions import Fraction
from typing import Annotated, ClassVar, Literal

from PIL import Image, ImageChops
from pydantic import Field

from imaging.colors import Color, has_alpha, pixel_of, promote_mode
from imaging.filters.base import Filter, Size
from imaging.filters.edge_padding import Margins, extend_edges
from imaging.filters.luts import tabulate
from imaging.filters.parameters import Aspect, Level

Margin = Annotated[int, Field(ge=0, le=16_384, json_schema_extra={"unit": "px"})]


class Pad(Filter):
    summary: ClassVar[str] = "Adds margins around the picture."

    top: Margin = Field(0, description="Height of the margin above.")
    right: Margin = Field(0, description="Width of the margin to the right.")
    bottom: Margin = Field(0, description="Height of the margin below.")
    left: Margin = Field(0, description="Width of the margin to the left.")
    aspect: Aspect = Field(None, description="More margin, alike on both sides, up to this shape, such as 16:9.")
    color: Color = Field("transparent", description="Of the margins in mode background.")
    mode: Literal["background", "copy", "mirror"] = Field(
        "background", description="What the margins hold: the colour, the outermost pixels again, or the mirror image."
    )

    def size_after(self, size: Size) -> Size:
        left, top, right, bottom = self._margins(size)
        return left + size[0] + right, top + size[1] + bottom

    def apply(self, image: Image.Image) -> Image.Image:
        margins = self._margins(image.size)
        if not any(margins):
            return image
        if self.mode != "background":
            return extend_edges(image, margins, mirror=self.mode == "mirror")
        picture = promote_mode(image, self.color)
        canvas = Image.new(picture.mode, self.size_after(image.size), pixel_of(self.color, picture.mode))
        canvas.paste(picture, margins[:2])
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
    summary: ClassVar[str] = "Cuts off a border of one colour."

    threshold: Level = Field(10, description="How far each channel of the border may be away from its colour.")
    color: Annotated[Color | None, Field(json_schema_extra={"unit": "color"})] = Field(
        None, description="Colour of the border; left out: that of the top left pixel."
    )

    def apply(self, image: Image.Image) -> Image.Image:
        """A picture that is border all over stays as it is."""
        box = self._differences(image).getbbox(alpha_only=False)
        return image.crop(box) if box else image

    def _differences(self, image: Image.Image) -> Image.Image:
        """Where a pixel differs; what is transparent on both sides does not, whatever colour it hides."""
        picture = promote_mode(image, self.color) if self.color else image
        if has_alpha(picture):
            picture = picture.convert(picture.mode.replace("A", "a"))
        border = self._border(picture)
        differences = ImageChops.difference(picture, border)
        return differences.point(tabulate(lambda value: 255 * (value > self.threshold)) * len(picture.getbands()))

    def _border(self, picture: Image.Image) -> Image.Image:
        if self.color is None:
            return picture.crop((0, 0, 1, 1)).resize(picture.size, Image.Resampling.NEAREST)
        mode = picture.mode.replace("a", "A")
        return Image.new(mode, picture.size, pixel_of(self.color, mode)).convert(picture.mode)
