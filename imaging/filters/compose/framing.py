"""Filters that surround the image: a frame, a shadow, a card."""

import math
from typing import Annotated, ClassVar

from PIL import Image
from pydantic import Field

from imaging import native
from imaging.colors import OPAQUE, Color, OpaqueColor, has_alpha, pixel_of, promote_mode
from imaging.filters.base import Filter, Size
from imaging.filters.compose.paint import ColorLayer, composite_onto, paste_over
from imaging.filters.compose.text import Words
from imaging.filters.compose.text_layout import draw_text_masks, lay_out, measure
from imaging.filters.compose.text_runs import clean_text
from imaging.filters.geometry.rotate import Rotate
from imaging.filters.parameters import Sigma
from imaging.filters.pixels import Pixels

Shift = Annotated[int, Field(ge=-1000, le=1000), Pixels("fraction", least=-1000)]
_INK = "#2b2b33"
_BORDER, _FOOT = 0.06, 0.22  # of a card, relative to the shorter side of the image


class Frame(Filter):
    summary: ClassVar[str] = "Adds a frame around the image, with a mat inside it."

    width: Annotated[int, Pixels(least=1)] = Field(20, ge=1, le=4000, description="Width of the frame.")
    color: OpaqueColor = Field("black", description="Colour of the frame.")
    mat: Annotated[int, Pixels()] = Field(0, ge=0, le=4000, description="Width of the mat; 0 is none.")
    mat_color: OpaqueColor = Field("white", description="Colour of the mat.")

    def size_after(self, size: Size) -> Size:
        return size[0] + 2 * (self.width + self.mat), size[1] + 2 * (self.width + self.mat)

    def apply(self, image: Image.Image) -> Image.Image:
        return _add_border(_add_border(image, self.mat, self.mat_color), self.width, self.color)


class DropShadow(Filter):
    summary: ClassVar[str] = "Adds a shadow behind the image, which grows to hold it."
    working_bytes: ClassVar[int] = 4

    x: Shift = Field(6, description="Offset of the shadow to the right.")
    y: Shift = Field(6, description="Offset of the shadow downwards.")
    sigma: Sigma = Field(6, description="Softness of the shadow.")
    color: Color = Field("#00000099", description="Colour of the shadow.")
    background: Color = Field("transparent", description="Colour behind image and shadow.")

    def size_after(self, size: Size) -> Size:
        left, top, right, bottom = self._margins()
        return left + size[0] + right, top + size[1] + bottom

    def apply(self, image: Image.Image) -> Image.Image:
        left, top, _, _ = self._margins()
        mode = _promoted_mode(image, self.background, self.color)
        shadow = [ColorLayer(self.color, self._cast_shadow(image), (0, 0))]
        canvas = Image.new(mode, shadow[0].mask.size, pixel_of(self.background, mode))
        composite_onto(canvas, shadow)
        shadow.clear()
        paste_over(canvas, image, (left, top))
        return canvas

    def _cast_shadow(self, image: Image.Image) -> Image.Image:
        left, top, _, _ = self._margins()
        shape = image.getchannel("A") if has_alpha(image) else Image.new("L", image.size, OPAQUE)
        mask = Image.new("L", self.size_after(image.size))
        mask.paste(shape, (left + round(self.x), top + round(self.y)))
        del shape
        return native.gaussian_blur(mask, self.sigma)

    def _margins(self) -> tuple[int, int, int, int]:
        reach = math.ceil(3 * self.sigma / self._pixel) * self._pixel
        left, top, right, bottom = (max(0, reach + way) for way in (-self.x, -self.y, self.x, self.y))
        return round(left), round(top), round(right), round(bottom)


class Polaroid(Filter):
    summary: ClassVar[str] = "Puts the image on a card with a broad bottom border, like an instant photo."
    working_bytes: ClassVar[int] = 7

    caption: Words = Field("", description="Handwritten caption on the bottom border, scaled down to fit.")
    angle: float = Field(
        0, ge=-45, le=45, json_schema_extra={"unit": "°"}, description="Clockwise rotation of the card."
    )
    color: OpaqueColor = Field("#fbfaf5", description="Colour of the card.")

    def size_after(self, size: Size) -> Size:
        border, foot = self._margins(size)
        return self._rotation().size_after((size[0] + 2 * border, size[1] + border + foot))

    def apply(self, image: Image.Image) -> Image.Image:
        border, foot = self._margins(image.size)
        ink = [_INK] if clean_text(self.caption).strip() else []
        mode = _promoted_mode(image, self.color, *ink).removesuffix("A")
        card = [Image.new(mode, (image.width + 2 * border, image.height + border + foot), pixel_of(self.color, mode))]
        paste_over(card[0], image, (border, border))
        self._write_caption(card[0], border, foot)
        return self._rotation().apply(card.pop())  # so that it is freed

    def _margins(self, size: Size) -> Size:
        return max(1, round(min(size) * _BORDER)), max(1, round(min(size) * _FOOT))

    def _rotation(self) -> Rotate:
        return Rotate(angle=self.angle)

    def _write_caption(self, card: Image.Image, border: int, foot: int) -> None:
        height = max(4, round(foot * 0.6))
        text = clean_text(self.caption)
        width = max(measure(line) for line in lay_out(text, "hand", height))
        if not text.strip() or not width:
            return
        fitting = max(4, min(height, int(height * (card.width - 2 * border) / width)))
        words = draw_text_masks(lay_out(text, "hand", fitting), "hand", fitting)[0]
        place = ((card.width - words.width) // 2, card.height - (foot + words.height) // 2)
        composite_onto(card, [ColorLayer(_INK, words, place)])


def _add_border(image: Image.Image, width: int, color: str) -> Image.Image:
    """Add opaque margins. Transparent pixels of the image stay transparent."""
    if width == 0:
        return image
    promoted = promote_mode(image, color)
    canvas = Image.new(
        promoted.mode, (image.width + 2 * width, image.height + 2 * width), pixel_of(color, promoted.mode)
    )
    canvas.paste(promoted, (width, width))
    return canvas


def _promoted_mode(image: Image.Image, *colors: str) -> str:
    """Return the mode that can hold the image and the colours."""
    pixel = Image.new(image.mode, (1, 1))
    for color in colors:
        pixel = promote_mode(pixel, color)
    return pixel.mode
