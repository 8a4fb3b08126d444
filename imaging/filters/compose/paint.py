"""Coats of one colour, laid on a picture through masks."""

from dataclasses import dataclass

from PIL import Image

from imaging.colors import has_alpha, rgba
from imaging.filters.alpha import to_color
from imaging.filters.luts import tabulate


@dataclass(frozen=True, slots=True)
class Coat:
    """A colour, where its mask is white; the mask's corner lies at `place`, outside of the picture if need be."""

    color: str
    mask: Image.Image
    place: tuple[int, int]


def painted(image: Image.Image, coats: list[Coat]) -> Image.Image:
    """A copy under all coats, the first lowest. It stays grey when they all are."""
    grey = all(len(set(rgba(coat.color)[:3])) == 1 for coat in coats)
    picture = image.copy() if grey else to_color(image).copy()
    if not has_alpha(picture):
        for coat in coats:
            picture.paste(
                rgba(coat.color)[:3] if picture.mode == "RGB" else rgba(coat.color)[0], coat.place, _cover(coat)
            )
        return picture
    mode, picture = picture.mode, picture.convert("RGBA")
    for coat in coats:
        _composite(picture, coat)
    return picture.convert(mode)


def _cover(coat: Coat) -> Image.Image:
    alpha = rgba(coat.color)[3]
    return coat.mask.point(tabulate(lambda value: value * alpha / 255))


def _composite(picture: Image.Image, coat: Coat) -> None:
    """Only what is seen: Pillow takes no place left of the picture or above it."""
    across, down = coat.place
    left, top = max(0, -across), max(0, -down)
    right, bottom = min(coat.mask.width, picture.width - across), min(coat.mask.height, picture.height - down)
    if left >= right or top >= bottom:
        return
    cover = _cover(coat).crop((left, top, right, bottom))
    layer = Image.new("RGBA", cover.size, rgba(coat.color))
    layer.putalpha(cover)
    picture.alpha_composite(layer, (across + left, down + top))
