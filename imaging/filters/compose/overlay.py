"""Blends an auxiliary image with the whole image."""

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
    summary: ClassVar[str] = (
        "Blends an image that you uploaded, such as a texture or a light leak, over the whole image."
    )

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
    ] = Field("normal", description="Blend mode.")
    fit: Literal["cover", "inside", "fill"] = Field(
        "cover", description="cover: fills the image and is cropped; inside: fits within it; fill: is stretched to it."
    )
    opacity: Strength = Field(100, description="0 changes nothing, 100 is the full effect.")

    def bind(self, data: bytes, *, limits: Limits) -> ImageFunction:
        return partial(self._overlay, other=decode(data, limits=limits, auto_orient=True))

    def _overlay(self, image: Image.Image, *, other: Image.Image) -> Image.Image:
        layer = fade(self._fit(other, image.size), self.opacity)
        return alpha_over(image, layer if self.mode == "normal" else self._blend(image, layer))

    def _fit(self, other: Image.Image, size: tuple[int, int]) -> Image.Image:
        match self.fit:
            case "fill":
                return other.resize(size, Image.Resampling.LANCZOS)
            case "cover":
                return ImageOps.fit(other, size, Image.Resampling.LANCZOS)
            case _:
                factor = min(size[0] / other.width, size[1] / other.height)
                inside = max(1, round(other.width * factor)), max(1, round(other.height * factor))
                layer = other.resize(inside, Image.Resampling.LANCZOS)
                layer = layer if has_alpha(layer) else layer.convert(f"{layer.mode}A")
                canvas = Image.new(layer.mode, size)
                canvas.paste(layer, ((size[0] - layer.width) // 2, (size[1] - layer.height) // 2))
                return canvas

    def _blend(self, image: Image.Image, layer: Image.Image) -> Image.Image:
        """Blend as in Compositing and Blending Level 1, section 9: over transparent pixels the layer is unchanged."""
        mode = "L" if image.mode in {"L", "LA"} and layer.mode == "LA" else "RGB"
        colors, below = layer.convert(mode), to_color(image).convert(mode) if mode == "RGB" else image.convert("L")
        blended: Image.Image = _BLEND[self.mode](below, colors)
        if has_alpha(image):
            blended = Image.composite(blended, colors, image.getchannel("A"))
        blended.putalpha(layer.getchannel("A"))
        return blended
