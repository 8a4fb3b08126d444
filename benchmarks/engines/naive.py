"""Straightforward Pillow: decode all, one call per step, save with the defaults."""

import math
from collections.abc import Callable
from functools import partial
from io import BytesIO
from typing import Any

from PIL import Image, ImageEnhance, ImageFilter, ImageOps

from benchmarks.engines import rows as row_data
from benchmarks.engines.loop import serve
from benchmarks.engines.rows import Row, rows

_SEPIA = (0.393, 0.769, 0.189, 0, 0.349, 0.686, 0.168, 0, 0.272, 0.534, 0.131, 0)
_SLOPE = math.tan((row_data.CONTRAST / 100 + 1) * math.pi / 4)


def _contrast(image: Image.Image) -> Image.Image:
    return image.point(lambda value: 127.5 + (value - 127.5) * _SLOPE + 0.5)


def _tones(image: Image.Image) -> Image.Image:
    brighter = image.point(lambda value: value + row_data.BRIGHTNESS * 2.55 + 0.5)
    return ImageEnhance.Color(_contrast(brighter)).enhance(1 + row_data.SATURATION / 100)


def _resized(image: Image.Image, width: int) -> Image.Image:
    return image.resize((width, round(image.height * width / image.width)), Image.Resampling.LANCZOS)


def _chain(image: Image.Image) -> Image.Image:
    upright = ImageOps.exif_transpose(image)
    resized = _resized(upright, round(upright.width * row_data.CHAIN_SIDE / max(upright.size)))
    return _contrast(resized).convert("RGB", _SEPIA).filter(ImageFilter.SHARPEN)


_OPERATIONS: dict[str, Callable[[Image.Image], Image.Image]] = {
    "grayscale": lambda image: image.convert("LA" if image.mode == "RGBA" else "L"),
    "sepia": lambda image: image.convert("RGB", _SEPIA),
    "blur 2": lambda image: image.filter(ImageFilter.GaussianBlur(2)),
    "blur 10": lambda image: image.filter(ImageFilter.GaussianBlur(10)),
    "unsharp": lambda image: image.filter(
        ImageFilter.UnsharpMask(row_data.UNSHARP_SIGMA, row_data.UNSHARP_PERCENT, threshold=0)
    ),
    "resize 800": lambda image: _resized(image, 800),
    "rotate 90": lambda image: image.rotate(-90, expand=True),
    "tones": _tones,
    "chain": _chain,
    "as it is": lambda image: image,
}


def _render(data: bytes, *, row: Row) -> bytes:
    with Image.open(BytesIO(data)) as image:
        out = BytesIO()
        options: dict[str, Any] = {"quality": row.quality} if row.quality else {}
        _OPERATIONS[row.operation](image).save(out, row.format, **options)
        return out.getvalue()


if __name__ == "__main__":
    serve({row.key: partial(_render, row=row) for row in rows()})
