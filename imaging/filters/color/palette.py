"""Filters that reduce colours to a palette, or to what the colour-blind see."""

from collections.abc import Callable
from functools import lru_cache
from typing import ClassVar, Literal

from PIL import Image, ImageFilter
from pydantic import Field

from imaging import native
from imaging.colors import has_alpha
from imaging.filters.alpha import keeping_alpha
from imaging.filters.base import Filter
from imaging.filters.color_transform import Matrix
from imaging.filters.luts import tabulate
from imaging.linear_light import from_linear, to_linear
from imaging.memory import apply_in_bands
from imaging.quantization import quantize

_GRID = 33
# Machado, Oliveira, Fernandes: "A Physiologically-based Model for Simulation of Color Vision Deficiency", 2009,
# severity 1.0; on linear light. The last row set, without cones, is linear luma.
_VISION: dict[str, Matrix] = {
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritanopia": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
    "achromatopsia": ((0.2126, 0.7152, 0.0722), (0.2126, 0.7152, 0.0722), (0.2126, 0.7152, 0.0722)),
}


class Quantize(Filter):
    summary: ClassVar[str] = "Reduces the image to a palette of its most important colours."

    colors: int = Field(16, ge=2, le=256, json_schema_extra={"unit": "colors"}, description="Number of colours.")
    dither: bool = Field(
        default=False, description="Whether to dither, so that patterns of dots stand for missing colours."
    )

    def apply(self, image: Image.Image) -> Image.Image:
        """Quantize by median cut. A whole copy of the colours would not fit beside the result of a large image."""
        indexed = quantize(_visible_colors(image), self.colors, dither=self.dither)
        return apply_in_bands(image, lambda part, top: _look_up(part, indexed, top))


def _visible_colors(image: Image.Image) -> Image.Image:
    """Return the image in RGB, with a visible colour in place of hidden ones, which are to have no share in it."""
    colors = image if image.mode == "RGB" else image.convert("RGB")
    if has_alpha(image) and native.hides_colors(image):
        alpha = image.getchannel("A")
        hidden = alpha.point(tabulate(lambda value: 255 * (value == 0)))
        colors.paste(_first_visible(colors, alpha), (0, 0, *image.size), hidden)
    return colors


def _first_visible(colors: Image.Image, alpha: Image.Image) -> tuple[int, ...]:
    _, top, *_ = alpha.getbbox() or (0, 0)
    left, *_ = alpha.crop((0, top, alpha.width, top + 1)).getbbox() or (0,)
    pixel = colors.getpixel((left, top))
    return pixel if isinstance(pixel, tuple) else ()


def _look_up(part: Image.Image, indexed: Image.Image, top: int) -> Image.Image:
    own = indexed.crop((0, top, part.width, top + part.height))
    return keeping_alpha(part, lambda colors: own.convert("RGB").convert(colors.mode))


class SimulateColorblind(Filter):
    summary: ClassVar[str] = "Shows the image as people with a colour vision deficiency see it."
    pixelwise: ClassVar[bool] = True

    kind: Literal["protanopia", "deuteranopia", "tritanopia", "achromatopsia"] = Field(
        "deuteranopia", description="Deficiency: without cones for red, green or blue, or without any."
    )

    def apply(self, image: Image.Image) -> Image.Image:
        if image.mode in {"L", "LA"}:
            return image  # each row of each matrix sums to 1, so that grey stays grey
        return keeping_alpha(image, lambda colors: colors.filter(_make_3d_lut(self.kind)))


@lru_cache(maxsize=len(_VISION))
def _make_3d_lut(kind: str) -> ImageFilter.Color3DLUT:
    """Return a 3D LUT, fine enough for the curve of sRGB; values out of range are clipped by Pillow."""
    row_functions = [_channel_function(row) for row in _VISION[kind]]
    lights = [to_linear(255 * step / (_GRID - 1)) for step in range(_GRID)]
    table = [
        function(red, green, blue)
        for blue in lights
        for green in lights
        for red in lights
        for function in row_functions
    ]
    return ImageFilter.Color3DLUT(_GRID, table)


def _channel_function(row: tuple[float, float, float]) -> Callable[[float, float, float], float]:
    of_red, of_green, of_blue = row

    def channel(red: float, green: float, blue: float) -> float:
        return from_linear(of_red * red + of_green * green + of_blue * blue) / 255

    return channel
