"""The source's own file as the output, stripped, where nothing has changed its pixels (`only_if_smaller`)."""

from imaging.codecs.encoding.stripped import strip_gif, strip_jpeg, strip_png, strip_webp
from imaging.codecs.formats import ANIMATED, Format
from imaging.codecs.metadata import Metadata
from imaging.codecs.output_options import OutputOptions
from imaging.codecs.source import SourceImage
from imaging.codecs.srgb import has_foreign_profile
from imaging.orientation import FROM_EXIF, IDENTITY

_STRIP = {"jpeg": strip_jpeg, "png": strip_png, "webp": strip_webp}
_PLAIN_MODES = {"1", "L", "LA", "P", "PA", "RGB", "RGBA"}  # others are converted, such as CMYK
_GAMMA = 0.45455  # as PNG writes that of sRGB
_HEADER_BYTES = 4096  # in which a PNG has its chunks of colour
_FILLED = {"jpeg", "bmp"}  # formats that put a background behind transparent pixels


def strip_source(source: SourceImage, output: OutputOptions, output_format: Format, metadata: Metadata) -> bytes | None:
    """The file with the metadata that an output would have, or None if its pixels are not those of the output.

    They differ where an orientation or a profile has to be applied, frames are dropped, transparency is filled, or the
    output is an icon. Formats that cannot be stripped without decoding them give None too.
    """
    if not _shows_the_same(source, output, output_format) or not _can_be_inserted(metadata, source.info.format):
        return None
    if source.info.format == "gif":
        loop = source.file.info.get("loop")
        return strip_gif(source.data, None if loop is None else int(loop))
    strip = _STRIP.get(source.info.format)
    return strip(source.data, metadata) if strip else None


def _can_be_inserted(metadata: Metadata, source_format: str) -> bool:
    """Whether there is nothing that only encoders of the format can write."""
    rest = {
        "jpeg": (metadata.texts,),
        "png": (metadata.iptc, metadata.texts, metadata.comment),
        "webp": (),
        "gif": (metadata.xmp, metadata.comment),
    }
    return source_format in rest and not metadata.profile and not any(rest[source_format])


def _shows_the_same(source: SourceImage, output: OutputOptions, output_format: Format) -> bool:
    is_upright = not output.auto_orient or FROM_EXIF[source.info.exif_orientation] == IDENTITY
    return is_upright and output_format != "ico" and _has_plain_colors(source) and _keeps(source, output, output_format)


def _has_plain_colors(source: SourceImage) -> bool:
    """Whether decoders need no metadata to show it: a profile, or numbers of its colour space."""
    info = source.file.info
    is_srgb = "srgb" in info or ("chromaticity" not in info and info.get("gamma", _GAMMA) == _GAMMA)
    if not is_srgb or has_foreign_profile(source.file) or b"cICP" in source.data[:_HEADER_BYTES]:
        return False
    return source.file.mode in _PLAIN_MODES


def _keeps(source: SourceImage, output: OutputOptions, output_format: Format) -> bool:
    """Whether the output would have all its frames and its transparency."""
    if source.is_animated:
        return output.frames == "all" and output.loop is None and output_format in ANIMATED
    return output_format not in _FILLED or not source.file.has_transparency_data
