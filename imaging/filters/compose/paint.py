"""Layers of one colour, composited through masks."""

from dataclasses import dataclass

from PIL import Image

from imaging.colors import has_alpha, rgba
from imaging.filters.alpha import to_color
from imaging.filters.luts import tabulate


@dataclass(frozen=True, slots=True)
class ColorLayer:
    """A colour that shows where its mask is white. The mask's top left corner is at `place`, also outside the image."""

    color: str
    mask: Image.Image
    place: tuple[int, int]


def composite(image: Image.Image, layers: list[ColorLayer]) -> Image.Image:
    """Return a copy with all layers on top, the first one lowest. It stays grey if all of them are."""
    grey = all(len(set(rgba(layer.color)[:3])) == 1 for layer in layers)
    canvas = image.copy() if grey else to_color(image).copy()
    if not has_alpha(canvas):
        for layer in layers:
            canvas.paste(
                rgba(layer.color)[:3] if canvas.mode == "RGB" else rgba(layer.color)[0], layer.place, _alpha_mask(layer)
            )
        return canvas
    mode, canvas = canvas.mode, canvas.convert("RGBA")
    for layer in layers:
        _composite(canvas, layer)
    return canvas.convert(mode)


def _alpha_mask(layer: ColorLayer) -> Image.Image:
    alpha = rgba(layer.color)[3]
    return layer.mask.point(tabulate(lambda value: value * alpha / 255))


def _composite(canvas: Image.Image, layer: ColorLayer) -> None:
    """Composite the visible part: Pillow accepts no negative positions."""
    across, down = layer.place
    left, top = max(0, -across), max(0, -down)
    right, bottom = min(layer.mask.width, canvas.width - across), min(layer.mask.height, canvas.height - down)
    if left >= right or top >= bottom:
        return
    cover = _alpha_mask(layer).crop((left, top, right, bottom))
    colored = Image.new("RGBA", cover.size, rgba(layer.color))
    colored.putalpha(cover)
    canvas.alpha_composite(colored, (across + left, down + top))
