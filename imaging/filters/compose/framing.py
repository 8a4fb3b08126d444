"""Filters that put the picture onto something: into a frame, above its shadow, on a card."""

import math
from typing import Annotated, ClassVar

from PIL import Image
from pydantic import Field

from imaging import native
from imaging.colors import OPAQUE, Color, OpaqueColor, has_alpha, pixel_of, promote_mode
from imaging.filters.base import Filter, Size
from imaging.filters.compose.fonts import draw_text_masks, load_font
from imaging.filters.compose.paint import ColorLayer, composite
from imaging.filters.compose.text import Words
from imaging.filters.geometry.rotate import Rotate
from imaging.filters.parameters import Sigma

Shift = Annotated[int, Field(ge=-1000, le=1000, json_schema_extra={"unit": "px"})]
_BORDER, _FOOT = 0.06, 0.22  # of a card, as shares of the picture's shorter side


class Frame(Filter):
    summary: ClassVar[str] = "Puts a frame around the picture, and a mat within it."

    width: int = Field(20, ge=1, le=4000, json_schema_extra={"unit": "px"}, description="Width of the frame.")
    color: OpaqueColor = Field("black", description="Colour of the frame.")
    mat: int = Field(0, ge=0, le=4000, json_schema_extra={"unit": "px"}, description="Width of the mat; 0 is none.")
    mat_color: OpaqueColor = Field("white", description="Colour of the mat.")

    def size_after(self, size: Size) -> Size:
        return size[0] + 2 * (self.width + self.mat), size[1] + 2 * (self.width + self.mat)

    def apply(self, image: Image.Image) -> Image.Image:
        return _surrounded(_surrounded(image, self.mat, self.mat_color), self.width, self.color)


class DropShadow(Filter):
    summary: ClassVar[str] = "Lets the picture cast a shadow; it grows to hold it."

    x: Shift = Field(6, description="How far the shadow lies to the right.")
    y: Shift = Field(6, description="How far the shadow lies below.")
    sigma: Sigma = Field(6, description="How soft the shadow is.")
    color: Color = Field("#00000099", description="Colour of the shadow.")
    background: Color = Field("transparent", description="What is behind both.")

    def size_after(self, size: Size) -> Size:
        left, top, right, bottom = self._margins()
        return left + size[0] + right, top + size[1] + bottom

    def apply(self, image: Image.Image) -> Image.Image:
        left, top, _, _ = self._margins()
        picture = promote_mode(promote_mode(image, self.background), self.color)
        shape = picture.getchannel("A") if has_alpha(picture) else Image.new("L", image.size, OPAQUE)
        mask = Image.new("L", self.size_after(image.size))
        mask.paste(shape, (left + self.x, top + self.y))
        canvas = Image.new(picture.mode, mask.size, pixel_of(self.background, picture.mode))
        ground = composite(canvas, [ColorLayer(self.color, native.gaussian_blur(mask, self.sigma), (0, 0))])
        return _laid(ground, picture, (left, top))

    def _margins(self) -> tuple[int, int, int, int]:
        reach = math.ceil(3 * self.sigma)
        return max(0, reach - self.x), max(0, reach - self.y), max(0, reach + self.x), max(0, reach + self.y)


class Polaroid(Filter):
    summary: ClassVar[str] = "Puts the picture on a card with a broad foot, as instant cameras do."

    caption: Words = Field("", description="Written by hand on the foot; as small as it takes to fit.")
    angle: float = Field(
        0, ge=-45, le=45, json_schema_extra={"unit": "°"}, description="How far the card is turned clockwise."
    )
    color: OpaqueColor = Field("#fbfaf5", description="Colour of the card.")

    def size_after(self, size: Size) -> Size:
        border, foot = self._margins(size)
        return self._turn().size_after((size[0] + 2 * border, size[1] + border + foot))

    def apply(self, image: Image.Image) -> Image.Image:
        border, foot = self._margins(image.size)
        picture = promote_mode(image, self.color)
        mode = picture.mode.removesuffix("A")
        card = Image.new(mode, (image.width + 2 * border, image.height + border + foot), pixel_of(self.color, mode))
        card = _laid(card, picture, (border, border))
        return self._turn().apply(self._written(card, border, foot))

    def _margins(self, size: Size) -> Size:
        return max(1, round(min(size) * _BORDER)), max(1, round(min(size) * _FOOT))

    def _turn(self) -> Rotate:
        return Rotate(angle=self.angle)

    def _written(self, card: Image.Image, border: int, foot: int) -> Image.Image:
        height = max(4, round(foot * 0.6))
        width = load_font("hand", height).getlength(self.caption)
        if not self.caption.strip() or not width:
            return card
        fitting = max(4, min(height, int(height * (card.width - 2 * border) / width)))
        words = draw_text_masks(self.caption, load_font("hand", fitting))[0]
        place = ((card.width - words.width) // 2, card.height - (foot + words.height) // 2)
        return composite(card, [ColorLayer("#2b2b33", words, place)])


def _surrounded(image: Image.Image, width: int, color: str) -> Image.Image:
    """Opaque margins; what is transparent within stays so."""
    if width == 0:
        return image
    picture = promote_mode(image, color)
    canvas = Image.new(picture.mode, (image.width + 2 * width, image.height + 2 * width), pixel_of(color, picture.mode))
    canvas.paste(picture, (width, width))
    return canvas


def _laid(ground: Image.Image, picture: Image.Image, place: Size) -> Image.Image:
    """The picture over the ground, which shows through where it is transparent."""
    if not has_alpha(picture):
        laid = ground.copy()
        laid.paste(picture.convert(ground.mode), place)
        return laid
    laid = ground.convert("RGBA")
    laid.alpha_composite(picture.convert("RGBA"), place)
    return laid.convert(ground.mode)
