"""Analyses of an image, which a task returns as JSON instead of an output image."""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from PIL import ExifTags, Image

from imaging.codecs.encoder import Encoded
from imaging.codecs.formats import ANALYSIS
from imaging.codecs.metadata import read_exif
from imaging.codecs.output_options import Analysis
from imaging.codecs.source import SourceImage
from imaging.codecs.srgb import read_profile_name
from imaging.colors import flatten
from imaging.placeholders import blurhash, thumbhash

_PALETTE_COLORS = 8
_PALETTE_SIDE = 128
_VISIBLE = 128
_BANDS = {"L": "luma", "R": "red", "G": "green", "B": "blue", "A": "alpha"}


def analyse(names: tuple[Analysis, ...], image: Image.Image, *, source: SourceImage, background: str) -> dict[str, Any]:
    """The analyses by name: `info` describes the source file, the others `image`, in mode L, LA, RGB or RGBA."""
    opaque = flatten(image, background)
    found: dict[str, Any] = {}
    for name in names:
        if name == "info":
            found[name] = _info(source)
        else:
            found[name] = _ANALYSES[name](opaque if name in _OPAQUE else image)
    return found


def encode_analysis(analysis: dict[str, Any], size: tuple[int, int]) -> Encoded:
    """As a JSON file. `size` is that of the image, in pixels."""
    data = json.dumps(analysis, indent=1).encode()
    return Encoded(data=data, format=ANALYSIS, width=size[0], height=size[1], analysis=analysis)


def _info(source: SourceImage) -> dict[str, Any]:
    """The file as it was uploaded, after it was decoded; width and height are those of the oriented image."""
    width, height = source.info.pending_orientation.size_after(source.decoded_size)
    durations = source.read_durations_ms() if source.is_animated else []
    exif = read_exif(source.file)
    return {
        "format": source.info.format,
        "bytes": len(source.data),
        "width": width,
        "height": height,
        "mode": source.file.mode,
        "has_alpha": source.decoded_mode in {"LA", "RGBA"},
        "orientation": source.info.exif_orientation,
        "profile": read_profile_name(source.file),
        "has_exif": bool(exif),
        "has_place": ExifTags.IFD.GPSInfo in exif,
        "progressive": bool(source.file.info.get("progressive")),
        "frames": len(durations) or 1,
        "duration_ms": round(sum(durations)),
        "plays": source.loop_count if durations else 1,
    }


def _histogram(image: Image.Image) -> dict[str, list[int]]:
    """Pixels at each level 0..255 of each band, and of BT.601 luma."""
    counts = image.histogram()
    found = {_BANDS[band]: counts[256 * index : 256 * (index + 1)] for index, band in enumerate(image.getbands())}
    return {"luma": image.convert("L").histogram(), **found}


def _palette(image: Image.Image) -> list[dict[str, Any]]:
    """Up to eight colours that represent the visible pixels, by median cut, the most frequent first.

    Shares add up to 1.
    """
    small = image.copy()
    small.thumbnail((_PALETTE_SIDE, _PALETTE_SIDE), Image.Resampling.BOX)
    data = small.convert("RGBA").tobytes()
    seen = b"".join(data[at : at + 3] for at in range(0, len(data), 4) if data[at + 3] >= _VISIBLE)
    if not seen:
        return []
    pixels = Image.frombytes("RGB", (len(seen) // 3, 1), seen)
    indexed = pixels.quantize(_PALETTE_COLORS, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    counts = Counter(
        _hex(data[at : at + 3]) for data in (indexed.convert("RGB").tobytes(),) for at in range(0, len(data), 3)
    )
    return [{"color": color, "share": round(count / pixels.width, 4)} for color, count in counts.most_common()]


def _average_color(image: Image.Image) -> dict[str, Any]:
    """The mean colour, weighted by alpha, and the mean alpha 0..1."""
    *color, alpha = image.convert("RGBA").resize((1, 1), Image.Resampling.BOX).tobytes()
    return {"color": _hex(bytes(color)), "alpha": round(alpha / 255, 4)}


def _dhash(image: Image.Image) -> str:
    """Difference hash, 64 bits as hex: whether each of 8 x 8 cells is lighter than the one left of it.

    https://www.hackerfactor.com/blog/index.php?/archives/529-Kind-of-Like-That.html
    """
    data = image.convert("L").resize((9, 8), Image.Resampling.LANCZOS).tobytes()
    bits = (data[row + column + 1] > data[row + column] for row in range(0, 72, 9) for column in range(8))
    return f"{int(''.join(str(int(bit)) for bit in bits), 2):016x}"


def _blurhash(image: Image.Image) -> str:
    return blurhash(image.convert("RGB"))


def _thumbhash(image: Image.Image) -> str:
    return thumbhash(image.convert("RGBA"))


def _hex(color: bytes) -> str:
    return f"#{color.hex()}"


_OPAQUE = {"blurhash", "dhash"}
_ANALYSES: Mapping[str, Callable[[Image.Image], Any]] = MappingProxyType(
    {
        "histogram": _histogram,
        "palette": _palette,
        "average_color": _average_color,
        "blurhash": _blurhash,
        "thumbhash": _thumbhash,
        "dhash": _dhash,
    }
)
