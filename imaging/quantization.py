"""Reduces images to palettes by median cut."""

from collections.abc import Callable

from PIL import Image

from imaging.memory import PIXELS_AT_ONCE, apply_in_bands, is_large

_SAMPLED_PIXELS = PIXELS_AT_ONCE // 4


def quantize(image: Image.Image, colors: int, *, dither: bool) -> Image.Image:
    """Return an RGB image in mode P, with at most so many colours: the same ones where it has no more.

    Median cut takes 20 bytes a pixel, so the palette of a large image is that of every few pixels of it.
    """
    if not is_large(image):
        palette = image.quantize(colors, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
        return image.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG) if dither else palette
    own = image.getcolors(colors)
    if own:
        return _index_exactly(image, [color for _, color in own if isinstance(color, tuple)])
    palette = _sample(image).quantize(colors, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    if dither:
        return image.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG)
    return _in_bands(image, lambda part: part.quantize(palette=palette, dither=Image.Dither.NONE), palette.getpalette())


def _index_exactly(image: Image.Image, colors: list[tuple[int, ...]]) -> Image.Image:
    """Index by the colours of the image: median cut finds all of those of a band, in another order."""

    def index(part: Image.Image) -> Image.Image:
        indexed = part.quantize(len(colors), Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
        palette = indexed.getpalette() or []
        own = [tuple(palette[start : start + 3]) for start in range(0, len(palette), 3)]
        numbers = [colors.index(color) if color in colors else 0 for color in own]
        return indexed.point([*numbers, *[0] * (256 - len(numbers))])

    return _in_bands(image, index, [value for color in colors for value in color])


def _in_bands(
    image: Image.Image, index: Callable[[Image.Image], Image.Image], palette: list[int] | None
) -> Image.Image:
    indexed = apply_in_bands(image, lambda part, _: index(part))
    indexed.putpalette(palette or [])
    return indexed


def _sample(image: Image.Image) -> Image.Image:
    step = 2
    while image.width * image.height > _SAMPLED_PIXELS * step**2:
        step += 1
    return image.resize((-(-image.width // step), -(-image.height // step)), Image.Resampling.NEAREST)
