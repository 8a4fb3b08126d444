"""How Pillow is told to write each format: what our output options mean to its encoders."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any
from zlib import Z_DEFAULT_STRATEGY, Z_RLE

from imaging.codecs.formats import Format
from imaging.codecs.frames import Picture
from imaging.codecs.gif_palette import disposal_of
from imaging.codecs.output_options import OutputOptions
from imaging.codecs.png_deflate import Kind
from imaging.memory import PIXELS_AT_ONCE

ICON_SIDES = (16, 24, 32, 48, 64, 128, 256)
_MOST_COLORS_OF_A_DRAWING = 4096
_LARGEST_EFFORT = 10
_SHORTEST_GIF_FRAME_MS = 20  # browsers show shorter ones for 100

Options = dict[str, Any]

# Measured on photographs: what is dearer than these defaults takes 2-9 times the time for 4-11 % of the size.


def _jpeg(_picture: Picture, options: OutputOptions, quality: int) -> Options:
    """Baseline: optimize takes 3 x for -4 %, progressive 6.4 x for -11 %."""
    chosen: Options = {"quality": quality, "progressive": options.progressive}
    if options.effort and options.effort > _LARGEST_EFFORT // 2:
        chosen["optimize"] = True
    return chosen | _subsampling(options)


def _webp(picture: Picture, options: OutputOptions, quality: int) -> Options:
    """Method 2: the 4 of libwebp takes 2.25 x for -4 %. Without loss 0 takes a fifth of 2, for 1.4 x the size."""
    method = _scaled(options.effort, 0, 6, default=0 if options.lossless else 2)
    # Without loss, quality is one more effort.
    thoroughness = _scaled(options.effort, 0, 100, default=20) if options.lossless else quality
    still = {"lossless": options.lossless, "quality": thoroughness, "method": method}
    return still | _film(picture, {"loop": picture.plays, "background": (0, 0, 0, 0)}, _milliseconds(picture))


def _avif(picture: Picture, options: OutputOptions, quality: int) -> Options:
    """Speed 9: the 6 of libavif takes 5-9 x for -6 to -20 %; below 6 a photograph of 12 MP takes minutes."""
    speed = 10 - _scaled(options.effort, 0, 4, default=1)
    return {"quality": quality, "speed": speed} | _subsampling(options) | _film(picture, {}, _milliseconds(picture))


def _png(picture: Picture, options: OutputOptions, _quality: int) -> Options:
    """Level 6 would make a photograph 8 % smaller in three times the time; a drawing is small and gains by it."""
    image = picture.frames[0]
    is_drawing = image.mode not in {"L", "LA"} and image.getcolors(_MOST_COLORS_OF_A_DRAWING) is not None
    level = _scaled(options.effort, 1, 9, default=6 if is_drawing else 1)
    still: Options = {"compress_level": level, "compress_type": Kind.DRAWING if is_drawing else Kind.PHOTOGRAPH}
    if image.width * image.height > PIXELS_AT_ONCE:
        still |= {"compress_type": Z_DEFAULT_STRATEGY if is_drawing or options.effort else Z_RLE}
    return still | _film(picture, {"loop": picture.plays}, _milliseconds(picture))


def _gif(picture: Picture, _options: OutputOptions, _quality: int) -> Options:
    disposal = disposal_of(picture.frames)
    # Shown once is what a GIF without a count says. Where there are holes, Pillow's renumbering would move them.
    loop = {} if picture.plays == 1 else {"loop": max(0, picture.plays - 1)}
    said = {"disposal": disposal} | loop
    return {"optimize": not disposal} | _film(picture, said, _hundredths(picture.durations_ms))


def _tiff(picture: Picture, _options: OutputOptions, _quality: int) -> Options:
    """Pillow writes EXIF's own directories into a TIFF, libtiff, which compresses, does not."""
    return {} if picture.metadata.exif else {"compression": "tiff_adobe_deflate"}


def _bmp(_picture: Picture, _options: OutputOptions, _quality: int) -> Options:
    return {}


def _ico(picture: Picture, _options: OutputOptions, _quality: int) -> Options:
    side = picture.frames[0].width
    return {"sizes": [(each, each) for each in {*ICON_SIDES, side} if each <= side]}


def _jpeg2000(picture: Picture, options: OutputOptions, quality: int) -> Options:
    """Quality 1..100 is a signal to noise ratio of 20 to 50 dB: about what it is in a JPEG."""
    color = {"mct": int(picture.frames[0].mode.startswith("RGB"))}
    if options.lossless:
        return color
    return color | {"irreversible": True, "quality_mode": "dB", "quality_layers": [20 + quality * 0.3]}


def _subsampling(options: OutputOptions) -> Options:
    return {"subsampling": ":".join(options.subsampling)} if options.subsampling else {}


def _film(picture: Picture, said: Options, durations: list[int]) -> Options:
    return said | {"duration": durations} if picture.is_animated else {}


def _milliseconds(picture: Picture) -> list[int]:
    return [round(duration) for duration in picture.durations_ms]


def _hundredths(durations_ms: Sequence[float]) -> list[int]:
    """GIF counts in 10 ms. Rounded is the time at which a frame ends, so that errors do not add up."""
    ends = [0.0]
    for duration in durations_ms:
        ends.append(ends[-1] + (max(duration, _SHORTEST_GIF_FRAME_MS) if duration else 0))
    return [round(end, -1) - round(start, -1) for start, end in pairwise(map(int, ends))]


def _scaled(effort: int | None, least: int, most: int, *, default: int) -> int:
    """1..10 brought to what an encoder calls its effort."""
    if effort is None:
        return default
    return least + round((effort - 1) * (most - least) / (_LARGEST_EFFORT - 1))


ENCODERS: dict[Format, Callable[[Picture, OutputOptions, int], Options]] = {
    "jpeg": _jpeg,
    "png": _png,
    "webp": _webp,
    "avif": _avif,
    "gif": _gif,
    "tiff": _tiff,
    "bmp": _bmp,
    "ico": _ico,
    "jpeg2000": _jpeg2000,
}
