"""Writes JPEG XL, and PNGs and TIFFs of 16 bits a sample: Pillow writes no colours of more than eight."""

import struct
from collections.abc import Callable, Mapping
from io import BytesIO
from types import MappingProxyType
from typing import Any

from PIL import Image
from PIL import TiffImagePlugin as Tiff

from imaging import native
from imaging.codecs.containers.jxl.boxes import JxlParts, write_parts
from imaging.codecs.containers.png.chunks import make_chunk, read_chunks
from imaging.codecs.encoding.png_deflate import Kind
from imaging.codecs.source import BytePair

_BITS = 16
_SIGNATURE_BYTES, _COLOR_AT = 8, 9  # of a PNG; the latter in the content of IHDR
_SHORT = 3  # type of a tag's values


def _write_png(pair: BytePair, options: Mapping[str, Any]) -> bytes:
    """Pillow writes what is around the pixels for an image of one pixel."""
    image = pair[0]
    file = BytesIO()
    Image.new(image.mode, (1, 1)).save(file, "PNG", **options)
    data, parts = file.getvalue(), []
    for chunk in read_chunks(data):
        match chunk.name:
            case b"IHDR":
                header = struct.pack(">IIB", *image.size, _BITS) + chunk.content[_COLOR_AT:]
                parts.append(make_chunk(b"IHDR", header))
            case b"IDAT":
                parts.append(make_chunk(b"IDAT", _deflate(pair, options)))
            case _:
                parts.append(data[chunk.start : chunk.end])
    return data[:_SIGNATURE_BYTES] + b"".join(parts)


def _deflate(pair: BytePair, options: Mapping[str, Any]) -> bytes:
    words = native.interleave_words(pair, big_endian=True)
    is_drawing = options["compress_type"] == Kind.DRAWING
    return bytes(native.deflate_png(words, level=options["compress_level"], is_drawing=is_drawing))


def _write_tiff(pair: BytePair, options: Mapping[str, Any]) -> bytes:
    """Pillow writes an image of twice the width, whose rows are the same bytes, and the directory is corrected."""
    file = BytesIO()
    native.interleave_words(pair, big_endian=False).save(file, "TIFF", **options)
    data = bytearray(file.getvalue())
    (directory,) = struct.unpack_from("<I", data, 4)
    (count,) = struct.unpack_from("<H", data, directory)
    for at in range(directory + 2, directory + 2 + 12 * count, 12):
        tag, kind, values = struct.unpack_from("<HHI", data, at)
        if tag == Tiff.IMAGEWIDTH:
            struct.pack_into("<H" if kind == _SHORT else "<I", data, at + 8, pair[0].width)
        if tag == Tiff.BITSPERSAMPLE:
            start = at + 8 if values <= 2 else struct.unpack_from("<I", data, at + 8)[0]  # noqa: PLR2004 - four bytes
            struct.pack_into(f"<{values}H", data, start, *[_BITS] * values)
    return bytes(data)


def _write_jxl(pixels: Image.Image | BytePair, options: Mapping[str, Any]) -> bytes:
    codestream = native.encode_jxl(pixels, distance=options["distance"], effort=options["effort"])
    return write_parts(JxlParts(codestream=codestream, exif=options.get("exif", b""), xmp=options.get("xmp", b"")))


# What Pillow has no encoder for.
FILE_WRITERS: Mapping[str, Callable[[Image.Image, Mapping[str, Any]], bytes]] = MappingProxyType({"jxl": _write_jxl})
WORD_WRITERS: Mapping[str, Callable[[BytePair, Mapping[str, Any]], bytes]] = MappingProxyType(
    {"png": _write_png, "tiff": _write_tiff, "jxl": _write_jxl}
)
