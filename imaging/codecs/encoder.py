"""Encodes frames as a file: always afresh, with no metadata of the source but what was asked for."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from typing import Any

from PIL import Image

from core.errors import ImageTooLarge, InvalidOutput, PermanentError, Problem
from imaging.codecs.containers.gif.delays import LONGEST_MS, extend_delays
from imaging.codecs.containers.isobmff.dates import clear_dates
from imaging.codecs.containers.webp import set_alpha_flag
from imaging.codecs.encoder_options import (
    ENCODERS,
    ICON_SIDES,
    LONGEST_EXACT_MS,
    Options,
    to_fraction_ms,
    to_hundredths,
)
from imaging.codecs.encoding.gif_palette import join_same, to_palettes
from imaging.codecs.encoding.hidden_colors import fill_hidden
from imaging.codecs.encoding.png_palette import to_fewest_bits
from imaging.codecs.encoding.webp_frames import keep_hidden_colors
from imaging.codecs.formats import ANIMATED, Format
from imaging.codecs.frames import FrameSequence
from imaging.codecs.metadata import can_embed_profile, embed, embedding_options
from imaging.codecs.output_options import DEFAULT_QUALITY, OutputOptions
from imaging.codecs.words import FILE_WRITERS, WORD_WRITERS
from imaging.colors import flatten, has_alpha
from imaging.orientation import Size

_LONGEST_SIDE = {"jpeg": 65_500, "webp": 16_383, "gif": 65_535, "bmp": 65_535, "avif": 65_536}
# What encoders report, beside MemoryError, that are short of memory: libwebp 1 and 2, libavif, libaom, OpenJPEG.
_NO_MEMORY = ("encoding error 1", "encoding error 2", "Out of memory", "color planes failed", "broken data stream")
_PROFILE_NEEDS_COLOR = {"L": "RGB", "LA": "RGBA"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoded:
    """An output file, and the size in pixels of its image; `analysis` is what a JSON file contains."""

    data: bytes
    format: str
    width: int
    height: int
    analysis: dict[str, Any] | None = None


def can_hold_words(output_format: Format) -> bool:
    """Whether files of this format can have 16 bits a sample."""
    return output_format in WORD_WRITERS


def encode(sequence: FrameSequence, output_format: Format, options: OutputOptions) -> Encoded:
    """Raises ImageTooLarge for a side that the format cannot hold, MemoryError where the encoder runs out of memory.

    InvalidOutput where `lossless` would lose transparency. The quality `source` has been replaced by a number.
    """
    _check_lossless(sequence, output_format, options)
    fitted = _fit_to_format(sequence, output_format, options)
    del sequence  # a large image and its converted copy would be in memory together
    size = fitted.images[0].size
    _check_sides(size, output_format)
    encoder = ENCODERS[output_format]
    quality = options.quality if isinstance(options.quality, int) else DEFAULT_QUALITY.get(output_format, 0)

    def encode_at(quality: int) -> bytes:
        return _save(fitted, output_format, encoder(fitted, options, quality))

    if options.target_bytes and output_format in DEFAULT_QUALITY:
        data = _search_quality(encode_at, target_bytes=options.target_bytes, best=quality)
    else:
        data = encode_at(quality)
    return Encoded(data=data, format=output_format, width=size[0], height=size[1])


def _check_lossless(sequence: FrameSequence, output_format: Format, options: OutputOptions) -> None:
    if options.lossless and output_format == "bmp" and any(map(has_alpha, sequence.images)):
        message = "bmp would lose the transparency of this image; choose png, webp, jxl, tiff or jpeg2000"
        raise InvalidOutput(f"output.lossless: {message}", problems=(Problem("output.lossless", message),))


def _check_sides(size: Size, output_format: Format) -> None:
    longest = _LONGEST_SIDE.get(output_format)
    if longest and max(size) > longest:
        raise ImageTooLarge(
            f"{output_format} holds at most {longest:,} pixels a side, and the output has {size[0]:,} x {size[1]:,}. "
            "Choose png, or resize."
        )


def _search_quality(encode_at: Callable[[int], bytes], *, target_bytes: int, best: int) -> bytes:
    """The best quality that fits, or the lowest: found by bisection, so in at most eight attempts."""
    data = encode_at(best)
    if len(data) <= target_bytes:
        return data
    fitting, low, high = b"", 1, best - 1
    while low <= high:
        middle = (low + high) // 2
        data = encode_at(middle)
        if len(data) <= target_bytes:
            fitting, low = data, middle + 1
        else:
            high = middle - 1
    return fitting or data


def _fit_to_format(sequence: FrameSequence, output_format: Format, options: OutputOptions) -> FrameSequence:
    """With images that the format can hold."""
    if output_format == "gif":
        return _fit_to_gif(sequence)
    images: Sequence[Image.Image] = sequence.images if output_format in ANIMATED else sequence.images[:1]
    match output_format:
        case "jpeg" | "bmp":
            images = [flatten(image, options.background) for image in images]
        case "ico":
            images = [_to_icon(image) for image in images]
        case _:
            images = _unify_modes(images)
    if not options.lossless:
        images = fill_hidden(images, output_format)
    has_profile = bool(sequence.metadata.profile) and can_embed_profile(output_format)
    if has_profile:
        images = [image.convert(_PROFILE_NEEDS_COLOR.get(image.mode, image.mode)) for image in images]
    if output_format == "png":
        return _fit_to_png(replace(sequence, images=tuple(images)), has_profile=has_profile)
    return replace(sequence, images=tuple(images))


def _fit_to_png(sequence: FrameSequence, *, has_profile: bool) -> FrameSequence:
    """Palettes and durations that PNG can hold; Pillow would join frames that are the same, to one shown for longer."""
    if sequence.is_animated and sum(sequence.durations_ms) > LONGEST_EXACT_MS:
        images, durations_ms = join_same(sequence.images, sequence.durations_ms)
        return replace(sequence, images=tuple(images), durations_ms=tuple(map(to_fraction_ms, durations_ms)))
    if sequence.is_animated or sequence.low_bytes:
        return sequence
    return replace(sequence, images=(to_fewest_bits(sequence.images[0], has_profile=has_profile),))


def _fit_to_gif(sequence: FrameSequence) -> FrameSequence:
    """Pillow would join frames that are the same, to one that may be shown for longer than GIF can say."""
    images, durations_ms = to_palettes(sequence.images), list(sequence.durations_ms)
    if sum(durations_ms) > LONGEST_MS:
        images, durations_ms = join_same(images, durations_ms)
    return replace(sequence, images=tuple(images), durations_ms=tuple(durations_ms))


def _unify_modes(images: Sequence[Image.Image]) -> list[Image.Image]:
    """An animation has one mode."""
    modes = {image.mode for image in images}
    if len(modes) == 1:
        return list(images)
    return [image.convert("RGBA" if any(map(has_alpha, images)) else "RGB") for image in images]


def _to_icon(image: Image.Image) -> Image.Image:
    """A square of at most 256 pixels a side, which is all that an icon can be."""
    side = min(max(image.size), ICON_SIDES[-1])
    scaled = image.convert("RGBA")
    scaled.thumbnail((side, side), Image.Resampling.LANCZOS)
    square = Image.new("RGBA", (side, side))
    square.paste(scaled, ((side - scaled.width) // 2, (side - scaled.height) // 2))
    return square


def _save(sequence: FrameSequence, output_format: Format, options: Options) -> bytes:
    first, *others = sequence.images
    if others:
        options = options | {"save_all": True, "append_images": others}
    options |= embedding_options(sequence.metadata, output_format)
    file = BytesIO()
    try:
        if sequence.low_bytes:
            file.write(WORD_WRITERS[output_format]((first, sequence.low_bytes), options))
        elif output_format in FILE_WRITERS:
            file.write(FILE_WRITERS[output_format](first, options))
        else:
            first.save(file, output_format.upper(), **options)
        embed(file, sequence.metadata, output_format)
        data = _complete(file.getvalue(), sequence, output_format)
        return keep_hidden_colors(data, sequence, options) if options.get("exact") and others else data
    except MemoryError:
        raise
    except Exception as error:
        if any(message in str(error) for message in _NO_MEMORY):
            raise MemoryError(str(error)) from error
        raise PermanentError(f"The image cannot be encoded as {output_format}.") from error


def _complete(data: bytes, sequence: FrameSequence, output_format: Format) -> bytes:
    """With what the encoders of animations leave out, and without the time of day."""
    if sequence.is_animated and output_format == "avif":
        return clear_dates(data)
    if sequence.is_animated and output_format == "webp" and any(map(has_alpha, sequence.images)):
        return set_alpha_flag(data)
    if output_format == "gif" and sum(sequence.durations_ms) > LONGEST_MS:
        return extend_delays(data, [delay // 10 for delay in to_hundredths(sequence.durations_ms)])
    return data
