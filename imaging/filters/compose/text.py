"""Text on the image."""

import math
from typing import Annotated, ClassVar, Literal

from PIL import Image
from pydantic import Field

from imaging import native
from imaging.colors import OPAQUE, Color, OpaqueColor, rgba
from imaging.filters.base import Filter, Size
from imaging.filters.compose.fonts import FontName
from imaging.filters.compose.paint import ColorLayer, composite
from imaging.filters.compose.text_layout import draw_text_masks, lay_out
from imaging.filters.compose.text_runs import clean_text
from imaging.filters.parameters import GRAVITY, Strength
from imaging.filters.pixels import Pixels

Words = Annotated[
    str, Field(max_length=500, pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f]*$", json_schema_extra={"unit": "text"})
]


class Text(Filter):
    summary: ClassVar[str] = "Writes text on the image."

    text: Words = Field(
        "", description="Up to 500 characters of any script in the shipped fonts; line breaks are kept."
    )
    font: FontName = Field("sans", description="One of the shipped fonts; letters that it lacks come from another.")
    size: Annotated[int, Pixels("fraction")] = Field(32, ge=4, le=2000, description="Size of the font.")
    color: Color = Field("white", description="Colour of the text.")
    position: Literal[
        "northwest", "north", "northeast", "west", "center", "east", "southwest", "south", "southeast"
    ] = Field("south", description="Position on the image.")
    margin: Annotated[int, Pixels("fraction")] = Field(
        16, ge=0, le=16_384, description="Distance from the edges of the image."
    )
    align: Literal["left", "center", "right"] = Field("center", description="Alignment of lines.")
    wrap: Strength = Field(
        100, description="Longest line, in per cent of the width between the margins; 0 never breaks lines."
    )
    stroke_width: Annotated[int, Pixels("fraction")] = Field(
        0, ge=0, le=50, description="Width of an outline around the letters."
    )
    stroke_color: OpaqueColor = Field("black", description="Colour of the outline.")
    background: Color = Field("transparent", description="Colour of a box behind the text.")
    shadow: Color = Field("transparent", description="Colour of a soft shadow behind the text.")

    def apply(self, image: Image.Image) -> Image.Image:
        if not self.text.strip():
            return image
        letters, outer = self._masks(image.width)
        padding = round(self._font_size // 4 * self._pixel) if rgba(self.background)[3] else 0
        left, top = self._place(image.size, (outer.width + 2 * padding, outer.height + 2 * padding))
        layers = [*self._ground(outer, padding, (left, top))]
        place = (left + padding, top + padding)
        if self.stroke_width:
            layers.append(ColorLayer(self.stroke_color, outer, place))
        return composite(image, [*layers, ColorLayer(self.color, letters, place)])

    def changes_nothing(self, size: Size) -> bool:  # noqa: ARG002 - of any size
        return not self.text.strip()

    def is_cut_off(self, size: Size) -> bool:
        _, outer = self._masks(size[0])
        box = outer.getbbox()
        if box is None:
            return False
        left, top = self._place(size, outer.size)
        return left + box[0] < 0 or top + box[1] < 0 or left + box[2] > size[0] or top + box[3] > size[1]

    @property
    def _font_size(self) -> int:
        """Size for the original image."""
        return round(self.size / self._pixel)

    def _masks(self, width: int) -> tuple[Image.Image, Image.Image]:
        """Draw the letters without and with their stroke. For a preview, draw them as large as for the original."""
        room = max(1, width - 2 * self.margin) / self._pixel * self.wrap / 100
        lines = lay_out(clean_text(self.text), self.font, self._font_size, room if self.wrap else None)
        stroke = round(self.stroke_width / self._pixel)
        masks = draw_text_masks(lines, self.font, self._font_size, align=self.align, stroke=stroke)
        if self._pixel == 1:
            return masks
        size = [max(1, round(side * self._pixel)) for side in masks[0].size]
        letters, outer = (mask.resize(size, Image.Resampling.BOX) for mask in masks)
        return letters, outer

    def _ground(self, outer: Image.Image, padding: int, place: tuple[int, int]) -> list[ColorLayer]:
        """Return the box and the shadow behind the letters, if visible."""
        box = Image.new("L", (outer.width + 2 * padding, outer.height + 2 * padding), OPAQUE)
        reach = max(1, self._font_size // 16) * self._pixel
        margin = math.ceil(3 * reach)
        blurred = Image.new("L", (outer.width + 2 * margin, outer.height + 2 * margin))
        blurred.paste(outer, (margin, margin))
        left, top = (round(side + padding + reach) - margin for side in place)
        layers = [
            ColorLayer(self.background, box, place),
            ColorLayer(self.shadow, native.gaussian_blur(blurred, reach), (left, top)),
        ]
        return [layer for layer in layers if rgba(layer.color)[3]]

    def _place(self, size: tuple[int, int], box: tuple[int, int]) -> tuple[int, int]:
        across, down = GRAVITY[self.position]
        room = (size[0] - 2 * self.margin - box[0], size[1] - 2 * self.margin - box[1])
        return round(self.margin + room[0] * across), round(self.margin + room[1] * down)
