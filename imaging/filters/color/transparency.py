"""Filters about alpha and about one chosen colour."""

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
    summary: ClassVar[str] = "Paints everything of about one colour in another."
    pixelwise: ClassVar[bool] = True

    color: OpaqueColor = Field("white", description="The colour that is looked for.")
    replacement: OpaqueColor = Field("skyblue", description="The colour that takes its place.")
    tolerance: Level = Field(40, description="How far each channel may be away.")

    def apply(self, image: Image.Image) -> Image.Image:
        chosen = match_color(image, self.color, tolerance=self.tolerance)
        return keeping_alpha(to_color(image), lambda colors: _painted(colors, self.replacement, chosen))


class MakeTransparent(Filter):
    summary: ClassVar[str] = "Makes everything of about one colour transparent."
    pixelwise: ClassVar[bool] = True
    changes_alpha: ClassVar[bool] = True

    color: OpaqueColor = Field("white", description="The colour to see through.")
    tolerance: Level = Field(10, description="How far each channel may be away.")

    def apply(self, image: Image.Image) -> Image.Image:
        return multiply_alpha(image, ImageChops.invert(match_color(image, self.color, tolerance=self.tolerance)))


class Opacity(Filter):
    summary: ClassVar[str] = "Makes the whole picture more transparent."
    pixelwise: ClassVar[bool] = True
    changes_alpha: ClassVar[bool] = True

    opacity: Strength = Field(100, description="0 cannot be seen, 100 changes nothing.")

    def apply(self, image: Image.Image) -> Image.Image:
        if self.opacity == _ALL:
            return image
        faded = image if has_alpha(image) else image.convert(f"{image.mode}A")
        faded = faded.copy()
        faded.putalpha(faded.getchannel("A").point(tabulate(lambda value: value * self.opacity / 100)))
        return faded


class Flatten(Filter):
    summary: ClassVar[str] = "Lays the picture on a colour; what was transparent shows it."
    pixelwise: ClassVar[bool] = True
    changes_alpha: ClassVar[bool] = True

    background: OpaqueColor = Field("white", description="The colour below.")

    def apply(self, image: Image.Image) -> Image.Image:
        return flatten(image, self.background)


def match_color(image: Image.Image, color: Color, *, tolerance: int) -> Image.Image:
    """A mask: white where no channel is further than `tolerance` from the colour."""
    table = tabulate(lambda distance: 255 * (distance <= tolerance))
    colors = to_color(image).convert("RGB")
    distances = ImageChops.difference(colors, Image.new("RGB", image.size, rgba(color)[:3])).point(table * 3)
    red, green, blue = distances.split()
    return ImageChops.darker(ImageChops.darker(red, green), blue)


def _painted(image: Image.Image, color: str, mask: Image.Image) -> Image.Image:
    painted = image.copy()
    painted.paste(rgba(color)[:3], mask=mask)
    return painted
