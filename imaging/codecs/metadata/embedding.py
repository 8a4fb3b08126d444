"""Puts metadata into files: as options of Pillow's encoders, or behind them where they have no option for it."""

import struct
from io import BytesIO
from typing import Any

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from imaging.codecs.containers.gif.xmp import insert_xmp
from imaging.codecs.containers.tiff.tags import append_tags
from imaging.codecs.formats import Format
from imaging.codecs.metadata.fields import Metadata
from imaging.codecs.metadata.iptc import PNG_KEYWORD, TIFF_TAG, as_jpeg_segment, as_png_text

_XMP_OF_PNG = "XML:com.adobe.xmp"
_XMP_OF_TIFF = 700
_XMP_UUID = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")  # of JPEG 2000: ISO 16684-3, 2.1.6
_WITH_EXIF = {"jpeg", "png", "webp", "avif", "jxl"}
_WITH_XMP = {"jpeg", "webp", "avif", "jxl"}
_WITH_RESOLUTION = {"jpeg", "png", "bmp"}
_WITH_COMMENT = {"jpeg", "gif"}
_WITH_PROFILE = {"jpeg", "png", "webp", "avif", "tiff"}


def can_embed_profile(output_format: Format) -> bool:
    """Whether files of this format can hold an ICC profile."""
    return output_format in _WITH_PROFILE


def embedding_options(metadata: Metadata, output_format: Format) -> dict[str, Any]:
    """What Pillow's encoder is to embed, under its names."""
    found = {
        "exif": metadata.exif if output_format in _WITH_EXIF else b"",
        "xmp": metadata.xmp if output_format in _WITH_XMP else b"",
        "dpi": metadata.resolution if output_format in _WITH_RESOLUTION else None,
        "comment": metadata.comment if output_format in _WITH_COMMENT else b"",
        "icc_profile": metadata.profile if output_format in _WITH_PROFILE else b"",
        "extra": as_jpeg_segment(metadata.iptc) if metadata.iptc and output_format == "jpeg" else b"",
        "pnginfo": _png_chunks(metadata) if output_format == "png" else None,
    }
    return {name: value for name, value in found.items() if value}


def _png_chunks(metadata: Metadata) -> PngInfo | None:
    chunks = PngInfo()
    for name, content in metadata.texts:
        chunks.add(name, content)
    if metadata.xmp:
        chunks.add_itxt(_XMP_OF_PNG, metadata.xmp)
    if metadata.iptc:
        chunks.add_text(PNG_KEYWORD, as_png_text(metadata.iptc), zip=True)
    return chunks if chunks.chunks else None


def embed(file: BytesIO, metadata: Metadata, output_format: Format) -> None:
    """Add to an encoded file what Pillow cannot, in place."""
    match output_format:
        case "tiff" if metadata.exif or metadata.xmp or metadata.iptc:
            append_tags(file, _tiff_tags(metadata))
        case "gif" if metadata.xmp:
            data = insert_xmp(file.getvalue(), metadata.xmp)
            file.seek(0)
            file.write(data)
        case "jpeg2000" if metadata.xmp:
            file.seek(0, 2)
            file.write(struct.pack(">I4s", 24 + len(metadata.xmp), b"uuid") + _XMP_UUID + metadata.xmp)


def _tiff_tags(metadata: Metadata) -> Image.Exif:
    tags = Image.Exif()
    tags.load(metadata.exif)
    for tag, value in ((_XMP_OF_TIFF, metadata.xmp), (TIFF_TAG, metadata.iptc)):
        if value:
            tags[tag] = value
    return tags
