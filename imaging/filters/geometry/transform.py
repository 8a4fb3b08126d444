"""Maps images by affine and perspective functions, with few copies of a large one at any moment."""

from collections.abc import Sequence

from PIL import Image

from imaging.colors import premultiplied_pixel_of
from imaging.filters.base import Size

_PREMULTIPLIED = {"LA": "La", "RGBA": "RGBa"}


def transform(
    image: Image.Image, size: Size, method: Image.Transform, coefficients: Sequence[float], *, background: str
) -> Image.Image:
    """Return an image in a mode that can hold `background`, which fills what it does not cover, mapped to `size`.

    Multiplied by alpha before, as Pillow does, but without the image that was given to it in memory.
    """
    mode = image.mode
    fill = premultiplied_pixel_of(background, mode)
    if mode in _PREMULTIPLIED:
        image = image.convert(_PREMULTIPLIED[mode])
    image = image.transform(size, method, coefficients, Image.Resampling.BICUBIC, fillcolor=fill)
    return image if image.mode == mode else image.convert(mode)
