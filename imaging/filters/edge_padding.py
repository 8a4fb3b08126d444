"""Padding for filters that read beyond the edge: the outermost pixels repeated, or the image mirrored."""

import math
from collections.abc import Callable

from PIL import Image

Margins = tuple[int, int, int, int]  # left, top, right, bottom


def extend_edges(image: Image.Image, margins: Margins, *, mirror: bool = False) -> Image.Image:
    """Add margins that repeat the outermost pixels or, with `mirror`, reflect the image as often as needed."""
    left, top, right, bottom = margins
    extend = _mirror_columns if mirror else _repeat_columns
    wide = extend(image, left, right)
    return _apply_transposed(wide, lambda transposed: extend(transposed, top, bottom))


def crop_margins(image: Image.Image, margins: Margins) -> Image.Image:
    """Remove margins that were added before."""
    left, top, right, bottom = margins
    return image.crop((left, top, image.width - right, image.height - bottom))


def _apply_transposed(image: Image.Image, change: Callable[[Image.Image], Image.Image]) -> Image.Image:
    return change(image.transpose(Image.Transpose.TRANSPOSE)).transpose(Image.Transpose.TRANSPOSE)


def _repeat_columns(image: Image.Image, before: int, after: int) -> Image.Image:
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


def _mirror_columns(image: Image.Image, before: int, after: int) -> Image.Image:
    width, height = image.size
    flopped = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    wide = Image.new(image.mode, (before + width + after, height))
    for index in range(-math.ceil(before / width), math.ceil(after / width) + 1):
        wide.paste(flopped if index % 2 else image, (before + index * width, 0))
    return wide
