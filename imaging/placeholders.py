"""Placeholders of some thirty characters, to show while an image loads: BlurHash and ThumbHash.

https://github.com/woltapp/blurhash/blob/master/Algorithm.md and https://github.com/evanw/thumbhash. Both are discrete
cosine transforms, quantised in different ways.
"""

import base64
import math
from collections.abc import Sequence
from itertools import chain
from operator import mul

from PIL import Image

from imaging.linear_light import from_linear, to_linear

_BASE_83 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz#$%*+,-.:;=?@[]^_{|}~"
_COMPONENTS = (4, 3)
_BLURHASH_SIDE = 64
_THUMBHASH_SIDE = 100

Plane = list[list[float]]


def blurhash(image: Image.Image) -> str:
    """Return the BlurHash of an RGB image: 28 characters."""
    small = _fit_within(image, _BLURHASH_SIDE)
    across, down = _COMPONENTS
    cosines = [
        [[math.cos(math.pi * i * x / side) for x in range(side)] for i in range(max(_COMPONENTS))]
        for side in small.size
    ]
    planes = [[[to_linear(value) for value in row] for row in plane] for plane in _planes(small)]
    factors = [
        [_coefficient(plane, cosines[0][i], cosines[1][j]) * (1 if i == j == 0 else 2) for plane in planes]
        for j in range(down)
        for i in range(across)
    ]
    average, *others = factors
    scale = max(0, min(82, math.floor(max(map(abs, chain(*others))) * 166 - 0.5)))
    details = "".join(_base_83(_detail(factor, (scale + 1) / 166), 2) for factor in others)
    size = _base_83(across - 1 + (down - 1) * 9, 1)
    return f"{size}{_base_83(scale, 1)}{_base_83(_average(average), 4)}{details}"


def _average(color: list[float]) -> int:
    red, green, blue = (int(from_linear(max(0.0, min(1.0, light))) + 0.5) for light in color)
    return red << 16 | green << 8 | blue


def _detail(color: list[float], most: float) -> int:
    quantised = (math.copysign(math.sqrt(abs(value / most)), value) for value in color)
    red, green, blue = (max(0, min(18, math.floor(value * 9 + 9.5))) for value in quantised)
    return red * 19 * 19 + green * 19 + blue


def _base_83(value: int, length: int) -> str:
    return "".join(_BASE_83[value // 83**place % 83] for place in reversed(range(length)))


def thumbhash(image: Image.Image) -> str:
    """Return the ThumbHash of an RGBA image: 5 to 25 bytes in base64."""
    small = _fit_within(image, _THUMBHASH_SIDE)
    width, height = small.size
    luma, warmth, redness, alpha = _lpqa(small)
    has_alpha = min(map(min, alpha)) < 1
    most = 5 if has_alpha else 7
    columns, rows = (max(1, _round(most * side / max(small.size))) for side in small.size)
    channels = [
        _Channel(luma, max(3, columns), max(3, rows)),
        _Channel(warmth, 3, 3),
        _Channel(redness, 3, 3),
        *([_Channel(alpha, 5, 5)] if has_alpha else []),
    ]
    light, warm, red = channels[:3]
    is_landscape = width > height
    constants = (
        _round(63 * light.average)
        | _round(31.5 + 31.5 * warm.average) << 6
        | _round(31.5 + 31.5 * red.average) << 12
        | _round(31 * light.scale) << 18
        | has_alpha << 23
        | (rows if is_landscape else columns) << 24
        | _round(63 * warm.scale) << 27
        | _round(63 * red.scale) << 33
        | is_landscape << 39
    )
    written = constants.to_bytes(5, "little")
    if has_alpha:
        written += bytes([_round(15 * channels[3].average) | _round(15 * channels[3].scale) << 4])
    details = [_round(15 * value) for channel in channels for value in channel.details]
    pairs = zip(details[::2], [*details[1::2], 0], strict=False)
    return base64.b64encode(written + bytes(low | high << 4 for low, high in pairs)).decode()


class _Channel:
    """The average of a channel and its other cosine coefficients, scaled to 0..1 by `scale`."""

    def __init__(self, plane: Plane, columns: int, rows: int) -> None:
        height, width = len(plane), len(plane[0])
        across, down = (
            [[math.cos(math.pi / side * i * (x + 0.5)) for x in range(side)] for i in range(count)]
            for side, count in ((width, columns), (height, rows))
        )
        self.average, *others = (
            _coefficient(plane, across[i], down[j])
            for j in range(rows)
            for i in range(columns)
            if i * rows < columns * (rows - j)
        )
        self.scale = max(map(abs, others))
        self.details = [0.5 + 0.5 / self.scale * value for value in others] if self.scale else others


def _lpqa(image: Image.Image) -> tuple[Plane, Plane, Plane, Plane]:
    """Return luma, yellow minus blue, red minus green, and alpha, over the average visible colour."""
    *colors, alpha = [[[value / 255 for value in row] for row in plane] for plane in _planes(image)]
    seen = sum(map(sum, alpha))
    average = [sum(map(mul, chain(*color), chain(*alpha))) / (seen or 1) for color in colors]
    red, green, blue = (
        [
            [mean * (1 - opacity) + opacity * value for value, opacity in zip(*rows, strict=True)]
            for rows in zip(color, alpha, strict=True)
        ]
        for color, mean in zip(colors, average, strict=True)
    )
    pixels = [list(zip(*rows, strict=True)) for rows in zip(red, green, blue, strict=True)]
    return (
        [[(r + g + b) / 3 for r, g, b in row] for row in pixels],
        [[(r + g) / 2 - b for r, g, b in row] for row in pixels],
        [[r - g for r, g, _ in row] for row in pixels],
        alpha,
    )


def _coefficient(plane: Plane, across: Sequence[float], down: Sequence[float]) -> float:
    total = sum(sum(map(mul, row, across)) * weight for row, weight in zip(plane, down, strict=True))
    return float(total) / (len(across) * len(down))


def _planes(image: Image.Image) -> list[Plane]:
    """Return each band as a list of rows."""
    width = image.width
    return [
        [list(map(float, data[start : start + width])) for start in range(0, len(data), width)]
        for data in (band.tobytes() for band in image.split())
    ]


def _fit_within(image: Image.Image, side: int) -> Image.Image:
    factor = min(1.0, side / max(image.size))
    size = max(1, round(image.width * factor)), max(1, round(image.height * factor))
    return image if size == image.size else image.resize(size, Image.Resampling.BOX)


def _round(value: float) -> int:
    return math.floor(value + 0.5)
