"""Stores a PNG's pixels in as few bits as they need: grey, or indices of a palette, of 1, 2, 4 or 8 bits."""

from collections.abc import Iterable
from typing import cast

from PIL import Image

from imaging import native
from imaging.colors import OPAQUE, has_alpha
from imaging.memory import PIXELS_AT_ONCE

_MOST_COLORS = 256
_BYTE = 8
_DEPTHS = (1, 2, 4)
_ENTRY_BYTES = 4  # of a colour of a palette, alpha included

Pixel = tuple[int, ...]


def to_fewest_bits(image: Image.Image, *, has_profile: bool = False) -> Image.Image:
    """Return the same pixels in mode P, L or LA where that needs fewer bits; P has its alpha in `info`.

    With an RGB profile, grey stays colour: a grey PNG cannot hold it.
    """
    pixels = _list_pixels(image)
    if pixels is None:
        return image if has_profile else _to_grey(image)
    mode = _find_mode(image, pixels, has_profile=has_profile)
    if _is_worth_a_palette(image, pixels, mode):
        return _index(image, pixels)
    return image if mode == image.mode else image.convert(mode)


def find_depth(image: Image.Image) -> int:
    """Return bits a sample: of a grey image 1, 2 or 4 if all its levels are among those of that depth."""
    if image.mode == "P":
        return _depth_for(len(image.getpalette() or ()) // 3)
    return _depth_of(level for level, count in enumerate(image.histogram()) if count) if image.mode == "L" else _BYTE


def _list_pixels(image: Image.Image) -> list[Pixel] | None:
    """Return the different pixels, those with the least alpha first, or None if there are more than 256."""
    found = image.getcolors(_MOST_COLORS)
    if found is None:
        return None
    pixels = [cast("Pixel", value if isinstance(value, tuple) else (value,)) for _, value in found]
    return sorted(pixels, key=lambda pixel: (pixel[-1], pixel) if has_alpha(image) else (0, pixel))


def _to_grey(image: Image.Image) -> Image.Image:
    """Return an image of many colours without them, if they are grey: in RGB no more than 256 would be."""
    is_small = image.width * image.height <= PIXELS_AT_ONCE
    return image.convert("LA") if image.mode == "RGBA" and is_small and native.is_grey(image) else image


def _find_mode(image: Image.Image, pixels: list[Pixel], *, has_profile: bool) -> str:
    """Return the mode with the fewest bands that holds all of these pixels."""
    alpha = "A" if has_alpha(image) and pixels[0][-1] < OPAQUE else ""
    is_grey = image.mode in {"L", "LA"} or all(red == green == blue for red, green, blue, *_ in pixels)
    return ("L" if is_grey and not has_profile else "RGB") + alpha


def _is_worth_a_palette(image: Image.Image, pixels: list[Pixel], mode: str) -> bool:
    """Compare the bits before compression with those in `mode`."""
    area = image.width * image.height
    bits = _depth_for(len(pixels))
    plain_bits = _depth_of(pixel[0] for pixel in pixels) if mode == "L" else _BYTE * len(mode)
    return area * bits + _BYTE * _ENTRY_BYTES * len(pixels) < area * plain_bits


def _depth_for(colors: int) -> int:
    return next((bits for bits in _DEPTHS if colors <= 2**bits), _BYTE)


def _depth_of(levels: Iterable[int]) -> int:
    found = set(levels)
    return next((bits for bits in _DEPTHS if not any(level % (OPAQUE // (2**bits - 1)) for level in found)), _BYTE)


def _index(image: Image.Image, pixels: list[Pixel]) -> Image.Image:
    indexed = native.index_colors(image, pixels)
    colors = [pixel[:-1] if has_alpha(image) else pixel for pixel in pixels]
    indexed.putpalette(bytes(value for color in colors for value in (color if len(color) > 1 else color * 3)))
    alpha = bytes(pixel[-1] for pixel in pixels if has_alpha(image) and pixel[-1] < OPAQUE)
    indexed.info = {"transparency": alpha} if alpha else {}
    return indexed
