"""A second picture over the whole picture, mixed with it."""

from functools import partial
from typing import Any, ClassVar, Literal

from PIL import Image, ImageChops, ImageOps
from pydantic import Field

from imaging.codecs.decoder import decode
from imaging.colors import has_alpha
from imaging.filters.alpha import alpha_over, fade, to_color
from imaging.filters.auxiliary import AuxiliaryImageFilter, ImageFunction
from imaging.filters.parameters import Strength
from imaging.limits import Limits

_BLEND: dict[str, Any] = {
    "multiply": ImageChops.multiply,
    "screen": ImageChops.screen,
    "overlay": ImageChops.overlay,
    "darken": ImageChops.darker,
    "lighten": ImageChops.lighter,
    "hard_light": ImageChops.hard_light,
    "soft_light": ImageChops.soft_light,
    "difference": ImageChops.difference,
    "add": ImageChops.add,
    "subtract": ImageChops.subtract,
}


class Overlay(AuxiliaryImageFilter):
    summary: ClassVar[str] = "Mixes the picture with one of yours: a texture, a light leak, a frame with a hole."

    mode: Literal[
        "normal",
        "multiply",
        "screen",
        "overlay",
        "darken",
        "lighten",
        "hard_light",
        "soft_light",
        "difference",
        "add",
        "subtract",
    ] = Field("normal", description="How their colours are mixed.")
    fit: Literal["cover", "inside", "fill"] = Field(
        "cover", description="cover: fills the picture, the rest is cut; inside: all of it; fill: distorted."
    )
    opacity: Strength = Field(100, description="0 changes nothing, 100 is the whole mixture.")

    def bind(self, data: bytes, *, limits: Limits) -> ImageFunction:
        return partial(self._lay, other=decode(data, limits=limits, auto_orient=True))

    def _lay(self, image: Image.Image, *, other: Image.Image) -> Image.Image:
        layer = fade(self._fitted(other, image.size), self.opacity)
        return alpha_over(image, layer if self.mode == "normal" else self._mixed(image, layer))

    def _fitted(self, other: Image.Image, size: tuple[int, int]) -> Image.Image:
        match self.fit:
            case "fill":
                return other.resize(size, Image.Resampling.LANCZOS)
            case "cover":
                return ImageOps.fit(other, size, Image.Resampling.LANCZOS)
            case _:
                factor = min(size[0] / other.width, size[1] / other.height)
                inside = max(1, round(other.width * factor)), max(1, round(other.height * factor))
                picture = other.resize(inside, Image.Resampling.LANCZOS)
                picture = picture if has_alpha(picture) else picture.convert(f"{picture.mode}A")
                canvas = Image.new(picture.mode, size)
                canvas.paste(picture, ((size[0] - picture.width) // 2, (size[1] - picture.height) // 2))
                return canvas

    def _mixed(self, image: Image.Image, layer: Image.Image) -> Image.Image:
        """Compositing and Blending Level 1, section 9: where there is nothing below, the layer is itself."""
        mode = "L" if image.mode in {"L", "LA"} and layer.mode == "LA" else "RGB"
        colors, below = layer.convert(mode), to_color(image).convert(mode) if mode == "RGB" else image.convert("L")
        mixed: Image.Image = _BLEND[self.mode](below, colors)
        if has_alpha(image):
            mixed = Image.composite(mixed, colors, image.getchannel("A"))
        mixed.putalpha(layer.getchannel("A"))
        return mixed
