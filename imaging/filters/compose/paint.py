"""Layers of one colour, composited through masks."""

from dataclasses import dataclass

from PIL import Image

from imaging.colors import has_alpha, pixel_of, rgba
from imaging.filters.alpha import to_color
from imaging.filters.luts import tabulate
from imaging.memory import split_rows


@dataclass(frozen=True, slots=True)
class ColorLayer:
    """A colour that shows where its mask is white. The mask's top left corner is at `place`, also outside the image."""

    color: str
    mask: Image.Image
    place: tuple[int, int]


def composite(image: Image.Image, layers: list[ColorLayer]) -> Image.Image:
    """Return a copy with all layers on top, the first one lowest. It stays grey if all of them are."""
    grey = all(len(set(rgba(layer.color)[:3])) == 1 for layer in layers)
    converted = image if grey else to_color(image)
    canvas = image.copy() if converted is image else converted
    composite_onto(canvas, layers)
    return canvas


def composite_onto(canvas: Image.Image, layers: list[ColorLayer]) -> None:
    """Draw all layers on an image that can hold their colours, the first one lowest."""
    for layer in layers:
        if has_alpha(canvas):
            _composite(canvas, layer)
        else:
            canvas.paste(pixel_of(layer.color, canvas.mode), layer.place, _alpha_mask(layer))


def paste_over(canvas: Image.Image, image: Image.Image, place: tuple[int, int]) -> None:
    """Composite an image over a part of the canvas, some rows at a time."""
    for top, rows in split_rows(image):
        corner = (place[0], place[1] + top)
        canvas.paste(_over(canvas, rows, corner) if has_alpha(rows) else rows.convert(canvas.mode), corner)


def _over(canvas: Image.Image, image: Image.Image, place: tuple[int, int]) -> Image.Image:
    """Return that part of the canvas with the image over it."""
    below = canvas.crop((*place, place[0] + image.width, place[1] + image.height)).convert("RGBA")
    below.alpha_composite(image.convert("RGBA"))
    return below.convert(canvas.mode)


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
    for first, cover in split_rows(_alpha_mask(layer).crop((left, top, right, bottom))):
        colored = Image.new("RGBA", cover.size, rgba(layer.color))
        colored.putalpha(cover)
        place = (across + left, down + top + first)
        canvas.paste(_over(canvas, colored, place), place)
