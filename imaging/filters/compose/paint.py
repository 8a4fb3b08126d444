"""Coats of one colour, laid on a picture through masks."""

from dataclasses import dataclass

from PIL import Image

from imaging.colors import has_alpha, rgba
from imaging.filters.alpha import to_color
from imaging.filters.luts import tabulate


@dataclass(frozen=True, slots=True)
class ColorLayer:
    """A colour, where its mask is white; the mask's corner lies at `place`, outside of the picture if need be."""

    color: str
    mask: Image.Image
    place: tuple[int, int]


def composite(image: Image.Image, layers: list[ColorLayer]) -> Image.Image:
    """A copy under all layers, the first lowest. It stays grey when they all are."""
    grey = all(len(set(rgba(layer.color)[:3])) == 1 for layer in layers)
    picture = image.copy() if grey else to_color(image).copy()
    if not has_alpha(picture):
        for layer in layers:
            picture.paste(
                rgba(layer.color)[:3] if picture.mode == "RGB" else rgba(layer.color)[0], layer.place, _cover(layer)
            )
        return picture
    mode, picture = picture.mode, picture.convert("RGBA")
    for layer in layers:
        _composite(picture, layer)
    return picture.convert(mode)


def _cover(layer: ColorLayer) -> Image.Image:
    alpha = rgba(layer.color)[3]
    return layer.mask.point(tabulate(lambda value: value * alpha / 255))


def _composite(picture: Image.Image, layer: ColorLayer) -> None:
    """Only what is seen: Pillow takes no place left of the picture or above it."""
    across, down = layer.place
    left, top = max(0, -across), max(0, -down)
    right, bottom = min(layer.mask.width, picture.width - across), min(layer.mask.height, picture.height - down)
    if left >= right or top >= bottom:
        return
    cover = _cover(layer).crop((left, top, right, bottom))
    colored = Image.new("RGBA", cover.size, rgba(layer.color))
    colored.putalpha(cover)
    picture.alpha_composite(colored, (across + left, down + top))
