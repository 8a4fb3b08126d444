"""What lies beyond a picture's edge, for filters that look there: its last pixels again, or its mirror image."""

import math
from collections.abc import Callable

from PIL import Image

Margins = tuple[int, int, int, int]  # left, top, right, bottom


def extend_edges(image: Image.Image, margins: Margins, *, mirror: bool = False) -> Image.Image:
    """The picture with margins that repeat its edge, or go on as its mirror image, that one's, and so forth."""
    left, top, right, bottom = margins
    extend = _mirror_across if mirror else _repeat_across
    wide = extend(image, left, right)
    return _sideways(wide, lambda turned: extend(turned, top, bottom))


def crop_margins(image: Image.Image, margins: Margins) -> Image.Image:
    left, top, right, bottom = margins
    return image.crop((left, top, image.width - right, image.height - bottom))


def _sideways(image: Image.Image, change: Callable[[Image.Image], Image.Image]) -> Image.Image:
    return change(image.transpose(Image.Transpose.TRANSPOSE)).transpose(Image.Transpose.TRANSPOSE)


def _repeat_across(image: Image.Image, before: int, after: int) -> Image.Image:
    if before == after == 0:
        return image
    width, height = image.size
    wide = Image.new(image.mode, (before + width + after, height))
    wide.paste(image, (before, 0))
    for column, box in ((0, (0, 0, before, height)), (width - 1, (before + width, 0, wide.width, height))):
        if box[2] > box[0]:
            edge = image.crop((column, 0, column + 1, height))
            wide.paste(edge.resize((box[2] - box[0], height), Image.Resampling.NEAREST), box)
    return wide


def _mirror_across(image: Image.Image, before: int, after: int) -> Image.Image:
    width, height = image.size
    flopped = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    wide = Image.new(image.mode, (before + width + after, height))
    for index in range(-math.ceil(before / width), math.ceil(after / width) + 1):
        wide.paste(flopped if index % 2 else image, (before + index * width, 0))
    return wide
