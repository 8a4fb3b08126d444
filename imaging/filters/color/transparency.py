"""Filters that change alpha, or one chosen colour."""

from typing import ClassVar

from PIL import Image, ImageChops
from pydantic import Field

from imaging.colors import Color, OpaqueColor, flatten, has_alpha, rgba
from imaging.filters.alpha import keeping_alpha, multiply_alpha, to_color
from imaging.filters.base import Filter
from imaging.filters.luts import tabulate
from imaging.filters.parameters import Level, Strength

_ALL = 100


class ReplaceColor(Filter):
    summary: ClassVar[str] = "Replaces one colour by another."
    preview_note: ClassVar[str] = "A preview chooses among the mean colours of several pixels."
    pixelwise: ClassVar[bool] = True

    color: OpaqueColor = Field("white", description="Colour to replace.")
    replacement: OpaqueColor = Field("skyblue", description="New colour.")
    tolerance: Level = Field(40, description="Largest difference from the colour, in any channel.")

    def apply(self, image: Image.Image) -> Image.Image:
        chosen = match_color(image, self.color, tolerance=self.tolerance)
        return keeping_alpha(to_color(image), lambda colors: _fill(colors, self.replacement, chosen))


class MakeTransparent(Filter):
    summary: ClassVar[str] = "Makes one colour transparent."
    preview_note: ClassVar[str] = "A preview chooses among the mean colours of several pixels."
    pixelwise: ClassVar[bool] = True
    changes_alpha: ClassVar[bool] = True

    color: OpaqueColor = Field("white", description="Colour to make transparent.")
    tolerance: Level = Field(10, description="Largest difference from the colour, in any channel.")

    def apply(self, image: Image.Image) -> Image.Image:
        return multiply_alpha(image, ImageChops.invert(match_color(image, self.color, tolerance=self.tolerance)))


class Opacity(Filter):
    summary: ClassVar[str] = "Makes the whole image more transparent."
    pixelwise: ClassVar[bool] = True
    changes_alpha: ClassVar[bool] = True

    opacity: Strength = Field(100, description="0 is invisible, 100 changes nothing.")

    def apply(self, image: Image.Image) -> Image.Image:
        if self.opacity == _ALL:
            return image
        faded = image if has_alpha(image) else image.convert(f"{image.mode}A")
        faded = faded.copy()
        faded.putalpha(faded.getchannel("A").point(tabulate(lambda value: value * self.opacity / 100)))
        return faded


class Flatten(Filter):
    summary: ClassVar[str] = "Puts the image on an opaque background colour."
    pixelwise: ClassVar[bool] = True
    changes_alpha: ClassVar[bool] = True

    background: OpaqueColor = Field("white", description="Background colour.")

    def apply(self, image: Image.Image) -> Image.Image:
        return flatten(image, self.background)


def match_color(image: Image.Image, color: Color, *, tolerance: int) -> Image.Image:
    """Return a mask: white where no channel differs from the colour by more than `tolerance`."""
    table = tabulate(lambda distance: 255 * (distance <= tolerance))
    colors = to_color(image).convert("RGB")
    distances = ImageChops.difference(colors, Image.new("RGB", image.size, rgba(color)[:3])).point(table * 3)
    red, green, blue = distances.split()
    return ImageChops.darker(ImageChops.darker(red, green), blue)


def _fill(image: Image.Image, color: str, mask: Image.Image) -> Image.Image:
    filled = image.copy()
    filled.paste(rgba(color)[:3], mask=mask)
    return filled
