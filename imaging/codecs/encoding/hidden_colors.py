"""Colours under alpha 0 in lossy outputs: coarse chroma and large blocks mix them with what is visible."""

from collections.abc import Sequence

from PIL import Image

from imaging import native
from imaging.codecs.formats import Format
from imaging.colors import has_alpha

_MIXING = ("webp", "avif", "jpeg2000")  # libjxl replaces hidden colours itself, and other formats lose none


def fill_hidden(images: Sequence[Image.Image], output_format: Format) -> list[Image.Image]:
    """Return the images with visible colours nearby in place of hidden ones, if the format would mix them."""
    return [_fill(image) if output_format in _MIXING else image for image in images]


def _fill(image: Image.Image) -> Image.Image:
    return native.fill_hidden_colors(image) if has_alpha(image) and native.hides_colors(image) else image
