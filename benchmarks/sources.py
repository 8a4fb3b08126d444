"""The source files of the engines, and the difference between two outputs."""

import math
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageChops, ImageStat

from benchmarks.pictures import photograph

_ORIENTATION, _ON_ITS_SIDE = 0x0112, 6


def sources(directory: Path) -> Mapping[str, Path]:
    """By name: a phone's has 12 MP, the others have 2; png and webp have an alpha that falls from bottom to top."""
    phone = photograph("phone", width=4000, height=3000).data
    web = photograph("web", width=1632, height=1224).data
    files = {"phone": phone, "sideways phone": _turned(phone), "web": web, "sideways web": _turned(web)}
    with Image.open(BytesIO(web)) as image:
        image.putalpha(Image.linear_gradient("L").point(lambda value: 128 + value // 2).resize(image.size))
        files |= {name: _saved(image, name) for name in ("png", "webp")}
    paths = {name: directory / name.replace(" ", "-") for name in files}
    for name, path in paths.items():
        path.write_bytes(files[name])
    return paths


def _turned(data: bytes) -> bytes:
    """The same scan with an EXIF that says it lies on its side."""
    exif = Image.Exif()
    exif[_ORIENTATION] = _ON_ITS_SIDE
    segment = b"Exif\0\0" + exif.tobytes().removeprefix(b"Exif\0\0")
    return data[:2] + b"\xff\xe1" + (len(segment) + 2).to_bytes(2) + segment + data[2:]


def _saved(image: Image.Image, name: str) -> bytes:
    out = BytesIO()
    image.save(out, name)
    return out.getvalue()


def psnr(path: Path, reference: Path) -> float:
    """Decibels, of RGB on white; NaN where the sizes differ."""
    with Image.open(path) as one, Image.open(reference) as other:
        if one.size != other.size:
            return math.nan
        difference = ImageChops.difference(_on_white(one), _on_white(other))
    error = sum(ImageStat.Stat(difference).sum2) / (3 * one.width * one.height)
    return 10 * math.log10(255**2 / error) if error else math.inf


def _on_white(image: Image.Image) -> Image.Image:
    white = Image.new("RGBA", image.size, "white")
    white.alpha_composite(image.convert("RGBA"))
    return white.convert("RGB")
