"""The only module that opens files with Pillow: uploads are untrusted until they have been through here."""

import logging
from collections.abc import Callable, Mapping
from io import BytesIO
from types import MappingProxyType

from PIL import AvifImagePlugin, Image, ImageFile, TiffImagePlugin, WebPImagePlugin

from core.errors import InvalidImage, UnsupportedImageFeature
from imaging import native
from imaging.codecs.containers.isobmff.heif_items import check_items
from imaging.codecs.containers.png.repairs import clean
from imaging.codecs.containers.unsupported import describe_unsupported, find_kind
from imaging.codecs.decoder_errors import decoder_errors
from imaging.codecs.formats import READABLE, SNIFF_BYTES, list_formats, sniff
from imaging.codecs.source import SourceImage
from imaging.codecs.sources.avif import AvifFile, AvifSource
from imaging.codecs.sources.bmp import BmpFile
from imaging.codecs.sources.gif import GifSource
from imaging.codecs.sources.jpeg import JpegSource, check_scans, with_end
from imaging.codecs.sources.jxl import JxlFile, JxlSource
from imaging.codecs.sources.png import PngSource
from imaging.codecs.sources.svg import SvgFile, SvgSource
from imaging.codecs.sources.tiff import TiffFile, TiffSource
from imaging.codecs.sources.webp import WebpFile
from imaging.limits import Limits

# How a format is decoded, where it can do more than the others.
_SOURCES: Mapping[str, type[SourceImage]] = MappingProxyType(
    {
        "jpeg": JpegSource,
        "gif": GifSource,
        "png": PngSource,
        "tiff": TiffSource,
        "avif": AvifSource,
        "heic": AvifSource,
        "jxl": JxlSource,
        "svg": SvgSource,
    }
)
# How a format is opened, where Pillow has no plug-in or its own misreads some files.
_FILES: Mapping[str, Callable[[BytesIO], ImageFile.ImageFile]] = MappingProxyType(
    {
        "avif": AvifFile,
        "bmp": BmpFile,
        "tiff": TiffFile,
        "heic": lambda file: native.HeicImageFile(file),  # noqa: PLW0108 - imported when first used
        "jxl": JxlFile,
        "svg": SvgFile,
        "webp": WebpFile,
    }
)
# A multi-picture JPEG opens as MPO; its first image is the photograph.
_PILLOW_FORMATS = {name: {name.upper()} for name in READABLE} | {"jpeg": {"JPEG", "MPO"}, "heic": {"HEIF"}}
# Imported so that Image.open need not import every plug-in to find these.
_PLUGINS = (AvifImagePlugin, TiffImagePlugin, WebPImagePlugin)
# Pillow knows four major brands; `sniff` has read the others, and libavif reads them again.
Image.register_open("AVIF", AvifImagePlugin.AvifImageFile, lambda prefix: prefix[4:8] == b"ftyp")
# A worker runs one render a core: libavif must not use the others.
AvifImagePlugin.DEFAULT_MAX_THREADS = 1
_MOST_CANVAS_BYTES = 2**29
# What Pillow logs about an untrusted file is of no use to the operator.
logging.getLogger("PIL").addHandler(logging.NullHandler())


def open_image(data: bytes | memoryview, *, limits: Limits, auto_orient: bool = True) -> SourceImage:
    """Read the header of a file. Raises InvalidImage or ImageTooLarge before any pixel is decoded.

    `auto_orient` applies its EXIF orientation (which Pillow always does to a TIFF).
    """
    content = bytes(data)
    name = sniff(content)
    if name not in READABLE:
        head = content[:SNIFF_BYTES]
        error = UnsupportedImageFeature if find_kind(head) else InvalidImage
        raise error(describe_unsupported(head, supported=list_formats()))
    if name == "jpeg":
        check_scans(content, limits)
    source = _SOURCES.get(name, SourceImage)
    with decoder_errors(memory_bytes=_canvas_bytes(content) if name == "webp" else 0):
        return source(_open(content, name, limits), content, format=name, limits=limits, auto_orient=auto_orient)


def decode(data: bytes | memoryview, *, limits: Limits, auto_orient: bool) -> Image.Image:
    """The first frame in sRGB, mode L, LA, RGB or RGBA, without metadata. Raises InvalidImage or ImageTooLarge."""
    source = open_image(data, limits=limits, auto_orient=auto_orient)
    frame = next(source.decode())
    return source.info.pending_orientation.apply(frame.image)


def _canvas_bytes(content: bytes) -> int:
    """What libwebp needs to open a file: two canvases. Pillow has checked their size if the file was damaged."""
    width, height = WebPImagePlugin._get_size(content[:30]) or (0, 0)  # noqa: SLF001 - no public name
    return min(8 * width * height, _MOST_CANVAS_BYTES)


def _open(content: bytes, name: str, limits: Limits) -> Image.Image:
    content = clean(content) if name == "png" else content
    if name == "heic":
        check_items(content)
    file = _FILES[name](BytesIO(content)) if name in _FILES else Image.open(BytesIO(content), formats=[name.upper()])
    if file.format not in _PILLOW_FORMATS[name]:
        raise InvalidImage(f"The file starts like {name} but contains {file.format}.")
    limits.check(file.size)
    if name == "jpeg" and (ended := with_end(content)) is not content:
        return Image.open(BytesIO(ended), formats=["JPEG"])
    stored = native.inflate_png(content, file.size) if name == "png" else None
    return Image.open(BytesIO(stored), formats=["PNG"]) if stored else file
