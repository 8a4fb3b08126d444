"""Redaction of regions."""

import math
from typing import Annotated, ClassVar, Literal

from PIL import Image
from pydantic import Field

from core.errors import InvalidStep
from imaging import native
from imaging.colors import OpaqueColor, pixel_of
from imaging.filters.alpha import apply_premultiplied, to_color
from imaging.filters.base import Filter, Size
from imaging.filters.parameters import Length, to_pixels
from imaging.filters.pixels import Pixels
from imaging.orientation import Box

_SQUARES = 6
_MOST_COVERS = 4
Region = Annotated[tuple[Length, Length, Length, Length], Field(strict=False)]
Regions = Annotated[
    tuple[Region, ...],
    Field(strict=False, min_length=1, max_length=50),
    Pixels("fraction", unit="[left, top, width, height] px or %"),
]


class Redact(Filter):
    summary: ClassVar[str] = "Makes regions of the image unreadable."

    regions: Regions = Field(
        (("25%", "25%", "50%", "50%"),), description="Boxes of left, top, width and height, clipped to the image."
    )
    method: Literal["color", "pixelate", "blur"] = Field(
        "color",
        description="color hides everything. pixelate and blur keep traces from which the content may be guessed.",
    )
    color: OpaqueColor = Field("black", description="Colour for method color.")

    def apply(self, image: Image.Image) -> Image.Image:
        self._check_area(image.size)
        is_colored = self.method == "color" and len(set(pixel_of(self.color, "RGB"))) > 1
        result = (to_color(image) if is_colored else image).copy()
        for region in self.regions:
            left, top, width, height = (
                to_pixels(length, side) for length, side in zip(region, (*image.size, *image.size), strict=True)
            )
            right, bottom = min(image.width, left + width), min(image.height, top + height)
            box = (round(left), round(top), round(right), round(bottom))
            if box[0] < box[2] and box[1] < box[3]:
                self._hide_in(result, box)
        return result

    def _check_area(self, size: Size) -> None:
        """Reject regions that overlap so much that each pixel would be blurred many times."""
        areas = [math.prod(map(to_pixels, region[2:], size)) for region in self.regions]
        pixels = math.prod(size)
        if self.method != "color" and sum(min(area, pixels) for area in areas) > _MOST_COVERS * pixels:
            raise InvalidStep(
                f"the regions cover more than {_MOST_COVERS} times the area of the image; give overlapping ones as "
                "one, or use the method color"
            )

    def _hide_in(self, image: Image.Image, box: Box) -> None:
        if self.method == "color":
            image.paste(pixel_of(self.color, image.mode), box)
        else:
            image.paste(self._hide(image.crop(box)), box)

    def _hide(self, part: Image.Image) -> Image.Image:
        """Hide a region. Its alpha is hidden too, since it may show letters as well as colour does."""
        longest = max(part.size)
        match self.method:
            case "pixelate":
                side = max(1, -(-longest // _SQUARES))
                return part.reduce(side).resize(part.size, Image.Resampling.NEAREST)
            case _:
                sigma = max(0.3, min(250, longest / 4))
                return apply_premultiplied(part, lambda colors: native.gaussian_blur(colors, sigma))
