"""From frames to a file. Every output is encoded afresh and says nothing of its source but what was asked for."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from io import BytesIO

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from core.errors import ImageTooLarge, PermanentError
from imaging.codecs.encoder_options import ENCODERS, ICON_SIDES, Options
from imaging.codecs.formats import ANIMATED, Format
from imaging.codecs.frames import Picture
from imaging.codecs.gif_palette import to_palettes
from imaging.codecs.metadata import Metadata
from imaging.codecs.output_options import DEFAULT_QUALITY, OutputOptions
from imaging.colors import flatten, has_alpha

_LONGEST_SIDE = {"jpeg": 65_500, "webp": 16_383, "gif": 65_535, "bmp": 65_535, "avif": 65_536}
_XMP_OF_PNG = "XML:com.adobe.xmp"
_WITH_EXIF = {"jpeg", "png", "webp", "avif", "tiff"}
_WITH_XMP = {"jpeg", "webp", "avif"}
_WITH_PROFILE = {"jpeg", "png", "webp", "avif", "tiff"}
# What encoders say, beside MemoryError, who were given no memory: WebP's errors 1 and 2, libavif, libaom, OpenJPEG.
_NO_MEMORY = ("encoding error 1", "encoding error 2", "Out of memory", "color planes failed", "broken data stream")
_PROFILE_NEEDS_COLOR = {"L": "RGB", "LA": "RGBA"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoded:
    data: bytes
    width: int
    height: int


def can_embed_profile(output_format: Format) -> bool:
    return output_format in _WITH_PROFILE


def encode(picture: Picture, output_format: Format, options: OutputOptions) -> Encoded:
    """Raises ImageTooLarge for a side that the format cannot hold, MemoryError where the encoder has no room."""
    fitted = _fitted(picture, output_format, options)
    size = fitted.frames[0].size
    longest = _LONGEST_SIDE.get(output_format, max(size))
    if max(size) > longest:
        raise ImageTooLarge(f"A {output_format} holds at most {longest:,} pixels a side; choose png, or resize.")
    encoder = ENCODERS[output_format]
    quality = options.quality or DEFAULT_QUALITY.get(output_format, 0)

    def written(quality: int) -> bytes:
        return _save(fitted, output_format, encoder(fitted, options, quality))

    if options.target_bytes and output_format in DEFAULT_QUALITY:
        data = _within(options.target_bytes, written, best=quality)
    else:
        data = written(quality)
    return Encoded(data=data, width=size[0], height=size[1])


def _within(target_bytes: int, written: Callable[[int], bytes], *, best: int) -> bytes:
    """By halving, so in at most eight tries: the best quality that fits, or the lowest."""
    data = written(best)
    if len(data) <= target_bytes:
        return data
    fitting, low, high = b"", 1, best - 1
    while low <= high:
        middle = (low + high) // 2
        data = written(middle)
        if len(data) <= target_bytes:
            fitting, low = data, middle + 1
        else:
            high = middle - 1
    return fitting or data


def _fitted(picture: Picture, output_format: Format, options: OutputOptions) -> Picture:
    """With frames as the format can hold them."""
    frames: Sequence[Image.Image] = picture.frames if output_format in ANIMATED else picture.frames[:1]
    match output_format:
        case "jpeg" | "bmp":
            frames = [flatten(frame, options.background) for frame in frames]
        case "gif":
            frames = to_palettes(frames)
        case "ico":
            frames = [_icon(frame) for frame in frames]
        case _:
            frames = _alike(frames)
    if picture.metadata.profile and can_embed_profile(output_format):
        frames = [frame.convert(_PROFILE_NEEDS_COLOR.get(frame.mode, frame.mode)) for frame in frames]
    return replace(picture, frames=tuple(frames))


def _alike(frames: Sequence[Image.Image]) -> list[Image.Image]:
    """An animation has one mode."""
    modes = {frame.mode for frame in frames}
    if len(modes) == 1:
        return list(frames)
    return [frame.convert("RGBA" if any(map(has_alpha, frames)) else "RGB") for frame in frames]


def _icon(image: Image.Image) -> Image.Image:
    """A square of at most 256 pixels a side, which is all that an icon can be."""
    side = min(max(image.size), ICON_SIDES[-1])
    picture = image.convert("RGBA")
    picture.thumbnail((side, side), Image.Resampling.LANCZOS)
    square = Image.new("RGBA", (side, side))
    square.paste(picture, ((side - picture.width) // 2, (side - picture.height) // 2))
    return square


def _save(picture: Picture, output_format: Format, options: Options) -> bytes:
    first, *others = picture.frames
    if others:
        options = options | {"save_all": True, "append_images": others}
    file = BytesIO()
    try:
        first.save(file, output_format.upper(), **options, **_said(picture.metadata, output_format))
    except MemoryError:
        raise
    except Exception as error:
        if any(said in str(error) for said in _NO_MEMORY):
            raise MemoryError(str(error)) from error
        raise PermanentError(f"The picture cannot be written as {output_format}.") from error
    return file.getvalue()


def _said(metadata: Metadata, output_format: Format) -> Options:
    said: Options = {}
    if metadata.exif and output_format in _WITH_EXIF:
        said["exif"] = metadata.exif
    if metadata.xmp and output_format in _WITH_XMP:
        said["xmp"] = metadata.xmp
    if metadata.xmp and output_format == "png":
        said["pnginfo"] = PngInfo()
        said["pnginfo"].add_itxt(_XMP_OF_PNG, metadata.xmp.decode(errors="replace"))
    if metadata.profile and output_format in _WITH_PROFILE:
        said["icc_profile"] = metadata.profile
    return said
