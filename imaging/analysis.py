"""What can be said of a picture instead of an output: JSON on the task."""

from collections import Counter
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from PIL import ExifTags, Image

from imaging.codecs.decoder import Source
from imaging.codecs.metadata import exif_of
from imaging.codecs.output_options import Analysis
from imaging.codecs.srgb import profile_name
from imaging.colors import flatten, has_alpha
from imaging.placeholders import blurhash, thumbhash

_PALETTE_COLORS = 8
_PALETTE_SIDE = 128
_VISIBLE = 128
_BANDS = {"L": "luma", "R": "red", "G": "green", "B": "blue", "A": "alpha"}


def analyse(names: tuple[Analysis, ...], image: Image.Image, *, source: Source, background: str) -> dict[str, Any]:
    """`info` is about the file, the others about `image`, which is L, LA, RGB or RGBA."""
    opaque = flatten(image, background)
    found: dict[str, Any] = {}
    for name in names:
        if name == "info":
            found[name] = _info(source)
        else:
            found[name] = _ANALYSES[name](opaque if name in _OPAQUE else image)
    return found


def _info(source: Source) -> dict[str, Any]:
    """Of the file as it came; width and height as it is seen."""
    first, picture = source.first(), source.picture
    durations = [frame.duration_ms for frame in source.frames()] if source.is_animated else []
    exif = exif_of(picture)
    return {
        "format": source.format,
        "bytes": len(source.data),
        "width": first.width,
        "height": first.height,
        "mode": picture.mode,
        "has_alpha": has_alpha(first),
        "orientation": source.orientation,
        "profile": profile_name(picture),
        "has_exif": bool(exif),
        "has_place": ExifTags.IFD.GPSInfo in exif,
        "progressive": bool(picture.info.get("progressive")),
        "frames": len(durations) or 1,
        "duration_ms": round(sum(durations)),
        "plays": source.plays if durations else 1,
    }


def _histogram(image: Image.Image) -> dict[str, list[int]]:
    """How many pixels have each level; the luma of a coloured picture too."""
    counts = image.histogram()
    found = {_BANDS[band]: counts[256 * index : 256 * (index + 1)] for index, band in enumerate(image.getbands())}
    return {"luma": image.convert("L").histogram(), **found}


def _palette(image: Image.Image) -> list[dict[str, Any]]:
    """The colours that stand for most of what is seen, the commonest first."""
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
    """Pixels count as much as they are seen."""
    *color, alpha = image.convert("RGBA").resize((1, 1), Image.Resampling.BOX).tobytes()
    return {"color": _hex(bytes(color)), "alpha": round(alpha / 255, 4)}


def _dhash(image: Image.Image) -> str:
    """64 bits as hex: whether each of 8 x 8 places is lighter than the one left of it.

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
