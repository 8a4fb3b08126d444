"""Text on the image."""

from typing import Annotated, ClassVar, Literal

from PIL import Image
from pydantic import Field

from imaging import native
from imaging.colors import OPAQUE, Color, OpaqueColor, rgba
from imaging.filters.base import Filter
from imaging.filters.compose.fonts import FontName
from imaging.filters.compose.paint import ColorLayer, composite
from imaging.filters.compose.text_layout import draw_text_masks, lay_out
from imaging.filters.compose.text_runs import clean_text
from imaging.filters.parameters import GRAVITY, Strength

Words = Annotated[
    str, Field(max_length=500, pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f]*$", json_schema_extra={"unit": "text"})
]


class Text(Filter):
    summary: ClassVar[str] = "Writes text on the image."

    text: Words = Field(
        "", description="Up to 500 characters of any script in the shipped fonts; line breaks are kept."
    )
    font: FontName = Field("sans", description="One of the shipped fonts; letters that it lacks come from another.")
    size: int = Field(32, ge=4, le=2000, json_schema_extra={"unit": "px"}, description="Size of the font.")
    color: Color = Field("white", description="Colour of the text.")
    position: Literal[
        "northwest", "north", "northeast", "west", "center", "east", "southwest", "south", "southeast"
    ] = Field("south", description="Position on the image.")
    margin: int = Field(
        16, ge=0, le=16_384, json_schema_extra={"unit": "px"}, description="Distance from the edges of the image."
    )
    align: Literal["left", "center", "right"] = Field("center", description="Alignment of lines.")
    wrap: Strength = Field(
        100, description="Longest line, in per cent of the width between the margins; 0 never breaks lines."
    )
    stroke_width: int = Field(
        0, ge=0, le=50, json_schema_extra={"unit": "px"}, description="Width of an outline around the letters."
    )
    stroke_color: OpaqueColor = Field("black", description="Colour of the outline.")
    background: Color = Field("transparent", description="Colour of a box behind the text.")
    shadow: Color = Field("transparent", description="Colour of a soft shadow behind the text.")

    def apply(self, image: Image.Image) -> Image.Image:
        if not self.text.strip():
            return image
        room = max(1, image.width - 2 * self.margin) * self.wrap / 100
        lines = lay_out(clean_text(self.text), self.font, self.size, room if self.wrap else None)
        letters, outer = draw_text_masks(lines, self.font, self.size, align=self.align, stroke=self.stroke_width)
        padding = self.size // 4 if rgba(self.background)[3] else 0
        left, top = self._place(image.size, (outer.width + 2 * padding, outer.height + 2 * padding))
        layers = [*self._ground(outer, padding, (left, top))]
        place = (left + padding, top + padding)
        if self.stroke_width:
            layers.append(ColorLayer(self.stroke_color, outer, place))
        return composite(image, [*layers, ColorLayer(self.color, letters, place)])

    def _ground(self, outer: Image.Image, padding: int, place: tuple[int, int]) -> list[ColorLayer]:
        """Return the box and the shadow behind the letters, if visible."""
        box = Image.new("L", (outer.width + 2 * padding, outer.height + 2 * padding), OPAQUE)
        reach = max(1, self.size // 16)
        blurred = Image.new("L", (outer.width + 6 * reach, outer.height + 6 * reach))
        blurred.paste(outer, (3 * reach, 3 * reach))
        shadow = (place[0] + padding - 2 * reach, place[1] + padding - 2 * reach)
        layers = [
            ColorLayer(self.background, box, place),
            ColorLayer(self.shadow, native.gaussian_blur(blurred, reach), shadow),
        ]
        return [layer for layer in layers if rgba(layer.color)[3]]

    def _place(self, size: tuple[int, int], box: tuple[int, int]) -> tuple[int, int]:
        across, down = GRAVITY[self.position]
        room = (size[0] - 2 * self.margin - box[0], size[1] - 2 * self.margin - box[1])
        return self.margin + round(room[0] * across), self.margin + round(room[1] * down)
