"""Puts an auxiliary image on the image: at one position, or as tiles."""

from functools import partial
from typing import Annotated, ClassVar, Literal

from PIL import Image
from pydantic import Field

from imaging.codecs.decoder import decode
from imaging.filters.alpha import alpha_over, fade
from imaging.filters.auxiliary import AuxiliaryImageFilter, ImageFunction
from imaging.filters.compose.tiles import fill_with_tiles
from imaging.filters.parameters import GRAVITY, Strength
from imaging.filters.pixels import Pixels
from imaging.limits import Limits

Share = Annotated[Annotated[float, Field(ge=1, le=100)] | None, Field(json_schema_extra={"unit": "% of the width"})]
Margin = Annotated[int, Field(ge=0, le=1000), Pixels()]


class Watermark(AuxiliaryImageFilter):
    summary: ClassVar[str] = "Puts a small image that you uploaded on the image, at one position or as tiles."

    position: Literal[
        "northwest", "north", "northeast", "west", "center", "east", "southwest", "south", "southeast", "tile"
    ] = Field("southeast", description="Position of the watermark; tile repeats it all over the image.")
    scale: Share = Field(20, description="Width of the watermark; null keeps its own size.")
    margin: Margin = Field(10, description="Distance from the edges, and between tiles.")
    opacity: Strength = Field(100, description="0 is invisible, 100 fully opaque.")

    def bind(self, data: bytes, *, limits: Limits) -> ImageFunction:
        return partial(self._mark, mark=decode(data, limits=limits, auto_orient=True))

    def _mark(self, image: Image.Image, *, mark: Image.Image) -> Image.Image:
        stamp = fade(self._scale(mark, image.width, image.height), self.opacity)
        if self.position == "tile":
            tile = Image.new(stamp.mode, (stamp.width + self.margin, stamp.height + self.margin))
            tile.paste(stamp)
            layer = fill_with_tiles(tile, image.size)
        else:
            layer = Image.new(stamp.mode, image.size)
            layer.paste(stamp, self._place(image.size, stamp.size))
        return alpha_over(image, layer)

    def _scale(self, mark: Image.Image, width: int, height: int) -> Image.Image:
        """Scale the watermark; it never becomes higher than the image."""
        if self.scale is None and self._pixel == 1:
            return mark
        factor = self._pixel
        if self.scale is not None:
            factor = min(width * self.scale / 100 / mark.width, height / mark.height)
        size = max(1, round(mark.width * factor)), max(1, round(mark.height * factor))
        return mark.resize(size, Image.Resampling.LANCZOS)

    def _place(self, size: tuple[int, int], stamp: tuple[int, int]) -> tuple[int, int]:
        sides = zip(size, stamp, GRAVITY[self.position], strict=True)
        left, top = (self._start(*side) for side in sides)
        return left, top

    def _start(self, whole: int, own: int, share: float) -> int:
        """Return the offset along one side: between the margins if there is room, else in the middle."""
        room = whole - own
        margin = min(self.margin, max(0, room) // 2)
        return round(margin + (room - 2 * margin) * share) if room > 0 else round(room * share)
