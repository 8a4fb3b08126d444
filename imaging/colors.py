"""Colours as CSS writes them, and images that can hold them."""

import re
from typing import Annotated

from PIL import Image, ImageColor
from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from imaging.memory import apply_in_bands

RGBA = tuple[int, int, int, int]
OPAQUE = 255

_HEX = re.compile(r"#([0-9a-f]{3}|[0-9a-f]{6}|[0-9a-f]{8})")


def rgba(color: str) -> RGBA:
    """Return red, green, blue and alpha, each 0..255, of a colour that has been validated."""
    if color == "transparent":
        return 0, 0, 0, 0
    red, green, blue, *alpha = ImageColor.getrgb(color)
    return red, green, blue, alpha[0] if alpha else OPAQUE


def _check_color(text: str) -> str:
    color = text.strip().lower()
    if color != "transparent" and color not in ImageColor.colormap and not _HEX.fullmatch(color):
        message = "must be a CSS colour name, transparent, #rgb, #rrggbb or #rrggbbaa"
        raise PydanticCustomError("color", message)
    return color


def _check_opaque(color: str) -> str:
    if rgba(color)[3] < OPAQUE:
        raise PydanticCustomError("opaque_color", "must be opaque; use a colour without alpha")
    return color


Color = Annotated[str, Field(json_schema_extra={"format": "color", "unit": "color"}), AfterValidator(_check_color)]
OpaqueColor = Annotated[Color, AfterValidator(_check_opaque)]


def has_alpha(image: Image.Image) -> bool:
    return image.mode in {"LA", "RGBA"}


def promote_mode(image: Image.Image, color: str) -> Image.Image:
    """Convert an image to the smallest of L, LA, RGB and RGBA that can also hold `color`."""
    red, green, blue, alpha = rgba(color)
    grey = image.mode in {"L", "LA"} and red == green == blue
    mode = ("L" if grey else "RGB") + ("A" if alpha < OPAQUE or has_alpha(image) else "")
    return image if mode == image.mode else image.convert(mode)


def pixel_of(color: str, mode: str) -> tuple[int, ...]:
    """Return `color` as a pixel of `mode`: L, LA, RGB or RGBA. In L and LA its red is the grey."""
    red, green, blue, alpha = rgba(color)
    pixel = (red,) if mode in {"L", "LA"} else (red, green, blue)
    return (*pixel, alpha) if mode in {"LA", "RGBA"} else pixel


def premultiplied_pixel_of(color: str, mode: str) -> tuple[int, ...]:
    """Return the pixel for functions of Pillow that multiply colours by alpha first, such as transform."""
    if mode not in {"LA", "RGBA"}:
        return pixel_of(color, mode)
    *pixel, alpha = pixel_of(color, mode)
    return (*(round(value * alpha / OPAQUE) for value in pixel), alpha)


def flatten(image: Image.Image, background: str) -> Image.Image:
    """Composite an image over an opaque background. One without alpha is returned unchanged."""
    return apply_in_bands(image, lambda part, _: _flatten(part, background)) if has_alpha(image) else image


def _flatten(image: Image.Image, background: str) -> Image.Image:
    colors = promote_mode(image, background)
    mode = colors.mode.removesuffix("A")
    canvas = Image.new(mode, image.size, pixel_of(background, mode))
    canvas.paste(colors.convert(mode), mask=image.getchannel("A"))
    return canvas
