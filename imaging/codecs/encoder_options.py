"""What the output options are called by Pillow's encoder of each format."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any
from zlib import Z_DEFAULT_STRATEGY, Z_RLE

from PIL import Image

from imaging.codecs.containers.gif.delays import LONGEST_MS
from imaging.codecs.encoding.gif_palette import choose_disposal
from imaging.codecs.encoding.png_deflate import Kind
from imaging.codecs.encoding.png_palette import find_depth
from imaging.codecs.formats import Format
from imaging.codecs.frames import FrameSequence
from imaging.codecs.output_options import OutputOptions
from imaging.memory import PIXELS_AT_ONCE

ICON_SIDES = (16, 24, 32, 48, 64, 128, 256)
_MOST_COLORS_OF_A_DRAWING = 4096
_SHARE_OF_PAPER = 0.25
_FEW_BYTES = 2**22
_USUAL_ZLIB, _SLOWEST_ZLIB = 6, 9
_LARGEST_EFFORT = 10
_BYTE = 8
_LEAST_LINEAR_QUALITY, _LONGEST_DISTANCE = 30, 15
_LONGEST_WEBP_MS = 2**24 - 1  # of a frame: 4.6 hours
_MOST_LOOPS = 2**16 - 1  # of a WebP or GIF; a PNG has 32 bits for them
LONGEST_EXACT_MS = 2**16 - 1  # of a frame of an APNG, in whole milliseconds
# Browsers show frames of up to 10 ms, in any format, for 100 ms: such stay at 10, and others become no shorter than 20.
_SLOWED_GIF_FRAME_MS, _SHORTEST_GIF_FRAME_MS = 10, 20

Options = dict[str, Any]

# Measured on photographs: anything slower than these defaults takes 2-9 times the time for 4-11 % of the size.


def _jpeg(_sequence: FrameSequence, options: OutputOptions, quality: int) -> Options:
    """Baseline: optimize takes 3 x for -4 %, progressive 6.4 x for -11 %."""
    chosen: Options = {"quality": quality, "progressive": options.progressive}
    if options.effort and options.effort > _LARGEST_EFFORT // 2:
        chosen["optimize"] = True
    return chosen | _subsampling(options)


def _webp(sequence: FrameSequence, options: OutputOptions, quality: int) -> Options:
    """Method 2: the 4 of libwebp takes 2.25 x for -4 %. Lossless, 0 takes a fifth of it, for 1.4 x the size."""
    method = _scale_effort(options.effort, 0, 6, default=0 if options.lossless else 2)
    # Lossless, quality is one more effort.
    thoroughness = _scale_effort(options.effort, 0, 100, default=20) if options.lossless else quality
    still = {"lossless": options.lossless, "exact": options.lossless, "quality": thoroughness, "method": method}
    durations = [min(round(duration), _LONGEST_WEBP_MS) for duration in sequence.durations_ms]
    loop = min(sequence.loop_count, _MOST_LOOPS)
    return still | _animation(sequence, duration=durations, loop=loop, background=(0, 0, 0, 0))


def _avif(sequence: FrameSequence, options: OutputOptions, quality: int) -> Options:
    """Speed 9: the 6 of libavif takes 5-9 x for -6 to -20 %; below 6 a photograph of 12 MP takes minutes."""
    speed = 10 - _scale_effort(options.effort, 0, 4, default=1)
    return {"quality": quality, "speed": speed} | _subsampling(options) | _animation(sequence)


def _jxl(_sequence: FrameSequence, options: OutputOptions, quality: int) -> Options:
    """Effort 3: 5 takes 6 x for -20 %, the 7 of libjxl longer for more. Lossless, 1 takes a 30th of 3, for 1.4 x."""
    if options.lossless:
        return {"distance": 0, "effort": _scale_effort(options.effort, 1, 5, default=1)}
    return {"distance": to_distance(quality), "effort": _scale_effort(options.effort, 1, 7, default=3)}


def _png(sequence: FrameSequence, options: OutputOptions, _quality: int) -> Options:
    """Level 6 would make a photograph 8 % smaller in three times the time; a drawing is small and worth it."""
    image, depth = (
        sequence.images[0],
        _BYTE if sequence.is_animated or sequence.low_bytes else find_depth(sequence.images[0]),
    )
    is_drawing = depth < _BYTE or _is_drawing(image)
    kind = Kind.DRAWING if is_drawing else Kind.PHOTOGRAPH
    level = _png_level(options.effort, is_drawing=is_drawing, sample_bytes=_sample_bytes(image, depth))
    still: Options = {"bits": depth, "compress_level": level, "compress_type": kind}
    if image.width * image.height > PIXELS_AT_ONCE:
        slow = Z_DEFAULT_STRATEGY if is_drawing or options.effort else Z_RLE
        still |= {"compress_level": min(level, _SLOWEST_ZLIB if options.effort else _USUAL_ZLIB)}
        still |= {"compress_type": slow}
    return still | _animation(sequence, loop=sequence.loop_count)


def _png_level(effort: int | None, *, is_drawing: bool, sample_bytes: int | None) -> int:
    """Indices and greys of a drawing, unless they are many, are worth what no other program's zlib does."""
    if not is_drawing:
        return _scale_effort(effort, 1, 9, default=1)
    if sample_bytes is not None and sample_bytes <= _FEW_BYTES:
        return _scale_effort(effort, 1, 12, default=10)
    return _scale_effort(effort, 1, 9, default=6 if sample_bytes is None else 9)


def _sample_bytes(image: Image.Image, depth: int) -> int | None:
    """Before compression, where a pixel is one sample."""
    return image.width * image.height * depth // _BYTE if image.mode in {"L", "P"} else None


def _is_drawing(image: Image.Image) -> bool:
    """Whether it has few colours, or in grey, which never has many, much of one: paper."""
    if image.mode == "L":
        return max(image.histogram()) > image.width * image.height * _SHARE_OF_PAPER
    return image.mode == "P" or image.getcolors(_MOST_COLORS_OF_A_DRAWING) is not None


def _gif(sequence: FrameSequence, _options: OutputOptions, _quality: int) -> Options:
    disposal = choose_disposal(sequence.images)
    durations = [min(duration, LONGEST_MS) for duration in to_hundredths(sequence.durations_ms)]
    # A GIF without a count is shown once. With transparent pixels, Pillow's renumbering of colours would move them.
    loop = {} if sequence.loop_count == 1 else {"loop": min(max(0, sequence.loop_count - 1), _MOST_LOOPS)}
    animation = _animation(sequence, disposal=disposal, duration=durations, **loop)
    if not sequence.is_animated and durations:  # of an animation whose frames are all the same
        animation = {"duration": durations[0]} | loop
    return {"optimize": not disposal} | animation


def _tiff(_sequence: FrameSequence, _options: OutputOptions, _quality: int) -> Options:
    return {"compression": "tiff_adobe_deflate"}


def _bmp(_sequence: FrameSequence, _options: OutputOptions, _quality: int) -> Options:
    return {}


def _ico(sequence: FrameSequence, _options: OutputOptions, _quality: int) -> Options:
    side = sequence.images[0].width
    return {"sizes": [(each, each) for each in {*ICON_SIDES, side} if each <= side]}


def _jpeg2000(sequence: FrameSequence, options: OutputOptions, quality: int) -> Options:
    """Quality 1..100 is a signal-to-noise ratio of 20 to 50 dB: about as in a JPEG."""
    color = {"mct": int(sequence.images[0].mode.startswith("RGB"))}
    if options.lossless:
        return color
    return color | {"irreversible": True, "quality_mode": "dB", "quality_layers": [20 + quality * 0.3]}


def to_distance(quality: int) -> float:
    """Butteraugli's distance for a quality that looks like libjpeg's: JxlEncoderDistanceFromQuality of libjxl."""
    if quality >= _LEAST_LINEAR_QUALITY:
        return 0.1 + (100 - quality) * 0.09
    return min(_LONGEST_DISTANCE, 53 / 3000 * quality**2 - 23 / 20 * quality + 25)


def _subsampling(options: OutputOptions) -> Options:
    return {"subsampling": ":".join(options.subsampling)} if options.subsampling else {}


def _animation(sequence: FrameSequence, **options: Any) -> Options:  # noqa: ANN401 - whatever an encoder has
    """Options that hold for more than one frame; durations are whole milliseconds."""
    durations = [round(duration) for duration in sequence.durations_ms]
    return {"duration": durations} | options if sequence.is_animated else {}


def to_hundredths(durations_ms: Sequence[float]) -> list[int]:
    """Milliseconds in tens, as GIF counts. What is rounded is when a frame ends, so that errors do not add up."""
    ends = [0.0]
    for duration in durations_ms:
        shortest = _SLOWED_GIF_FRAME_MS if duration <= _SLOWED_GIF_FRAME_MS else _SHORTEST_GIF_FRAME_MS
        ends.append(ends[-1] + (max(duration, shortest) if duration else 0))
    return [round(end, -1) - round(start, -1) for start, end in pairwise(map(int, ends))]


def to_fraction_ms(duration_ms: float) -> float:
    """The closest duration that an APNG can say: a fraction of seconds, of two numbers of 16 bits. At most 18 hours."""
    unit = next((unit for unit in (1, 10, 100) if duration_ms <= unit * LONGEST_EXACT_MS), 1000)
    return min(LONGEST_EXACT_MS, round(duration_ms / unit)) * unit


def _scale_effort(effort: int | None, least: int, most: int, *, default: int) -> int:
    """An effort of 1..10 on an encoder's own scale from `least` to `most`."""
    if effort is None:
        return default
    return least + round((effort - 1) * (most - least) / (_LARGEST_EFFORT - 1))


ENCODERS: dict[Format, Callable[[FrameSequence, OutputOptions, int], Options]] = {
    "jpeg": _jpeg,
    "png": _png,
    "webp": _webp,
    "avif": _avif,
    "jxl": _jxl,
    "gif": _gif,
    "tiff": _tiff,
    "bmp": _bmp,
    "ico": _ico,
    "jpeg2000": _jpeg2000,
}
