"""A source file with its own pixels, bit for bit, and no other metadata than is given."""

import struct
import zlib

from imaging.codecs.containers.gif.blocks import read_frames
from imaging.codecs.containers.webp import Chunk, read_chunks, write_file
from imaging.codecs.metadata import Metadata
from imaging.codecs.metadata.iptc import as_jpeg_segment

_EXIF, _XMP = b"Exif\0\0", b"http://ns.adobe.com/xap/1.0/\0"
_APP0, _APP1, _APP14, _APP15, _COMMENT, _SCAN, _END = 0xE0, 0xE1, 0xEE, 0xEF, 0xFE, 0xDA, 0xD9
_METRES_AN_INCH = 0.0254
_PNG = 8  # bytes of its signature
# Of a PNG: pixels, the frames of an animation, and what their values mean.
_PNG_CHUNKS = {b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND", b"acTL", b"fcTL", b"fdAT", b"sRGB", b"gAMA", b"cHRM"}
_WEBP_CHUNKS = {b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF"}
_WEBP_XMP, _WEBP_EXIF, _WEBP_ICC = 0x04, 0x08, 0x20  # flags
_LOOP = b"!\xff\x0bNETSCAPE2.0\x03\x01"


def strip_jpeg(data: bytes, metadata: Metadata) -> bytes:
    """Keep JFIF's version and Adobe's marker, which say how colours are stored, and all to the first end of image."""
    parts, position, added = [b"\xff\xd8"], 2, _jpeg_segments(metadata)
    while True:
        position = _next_marker(data, position)
        marker, length = data[position + 1], int.from_bytes(data[position + 2 : position + 4])
        segment = data[position : position + 2 + length]
        if marker != _APP0:
            parts, added = parts + added, []
        if marker == _SCAN:
            return b"".join([*parts, _to_end(data[position:])])
        if marker == _APP0:
            parts.append(_rewrite_jfif(segment, metadata.resolution))
        elif marker == _APP14 or not (_APP0 < marker <= _APP15 or marker == _COMMENT):
            parts.append(segment)
        position += 2 + length


def _jpeg_segments(metadata: Metadata) -> list[bytes]:
    exif = [_segment(_APP1, metadata.exif)] if metadata.exif else []
    xmp = [_segment(_APP1, _XMP + metadata.xmp)] if metadata.xmp else []
    iptc = [as_jpeg_segment(metadata.iptc)] if metadata.iptc else []
    return [*exif, *xmp, *iptc, *([_segment(_COMMENT, metadata.comment)] if metadata.comment else [])]


def strip_png(data: bytes, metadata: Metadata) -> bytes:
    """Keep what the pixels need."""
    parts, position = [data[:_PNG]], _PNG
    while position + 12 <= len(data):
        length, name = struct.unpack_from(">I4s", data, position)
        chunk = data[position : position + 12 + length]
        if name in _PNG_CHUNKS and zlib.crc32(chunk[4:-4]) == int.from_bytes(chunk[-4:]):
            parts.append(chunk)
        if name == b"IHDR":
            parts += _png_chunks(metadata)
        position += 12 + length
    return b"".join(parts)


def _png_chunks(metadata: Metadata) -> list[bytes]:
    exif = [_png_chunk(b"eXIf", metadata.exif.removeprefix(_EXIF))] if metadata.exif else []
    xmp = [_png_chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + metadata.xmp)] if metadata.xmp else []
    if not metadata.resolution:
        return [*exif, *xmp]
    across, down = (round(each / _METRES_AN_INCH) for each in metadata.resolution)
    return [*exif, *xmp, _png_chunk(b"pHYs", struct.pack(">IIB", across, down, 1))]


def strip_webp(data: bytes, metadata: Metadata) -> bytes:
    """Keep frames and pixels."""
    exif, xmp = metadata.exif, metadata.xmp
    chunks: list[Chunk] = [each for each in read_chunks(data) if each[0] in _WEBP_CHUNKS]
    header = next((content for name, content in read_chunks(data) if name == b"VP8X"), b"")
    if header:
        flags = header[0] & ~(_WEBP_XMP | _WEBP_EXIF | _WEBP_ICC) | _WEBP_EXIF * bool(exif) | _WEBP_XMP * bool(xmp)
        chunks.insert(0, (b"VP8X", bytes([flags, *header[1:]])))
        chunks += [(b"EXIF", exif.removeprefix(_EXIF))] if exif else []
        chunks += [(b"XMP ", xmp)] if xmp else []
    return write_file(chunks)


def strip_gif(data: bytes, loop: int | None) -> bytes:
    """Keep the screen, the frames, and how often they are shown, which is absent if `loop` is None."""
    table = 6 << (data[10] & 7) if data[10] & 0x80 else 0
    parts = [data[: 13 + table]]
    if loop is not None:
        parts.append(_LOOP + struct.pack("<HB", loop, 0))
    for frame in read_frames(data):
        parts += [data[frame.control : frame.control + 8] if frame.control >= 0 else b"", data[frame.start : frame.end]]
    return b"".join([*parts, b";"])


def _segment(marker: int, content: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(content) + 2) + content


def _next_marker(data: bytes, position: int) -> int:
    """Skip the bytes that may fill the space before a marker."""
    while data[position] != 0xFF or data[position + 1] in {0, 0xFF}:  # noqa: PLR2004 - as markers begin
        position += 1
    return position


def _rewrite_jfif(segment: bytes, resolution: tuple[float, float] | None) -> bytes:
    """Without a thumbnail, and with this resolution in pixels an inch or none."""
    if segment[4:9] != b"JFIF\0":
        return b""
    across, down = (min(2**16 - 1, round(each)) for each in resolution or (1, 1))
    return _segment(_APP0, segment[4:11] + struct.pack(">BHHH", bool(resolution), across, down, 0))


def _to_end(scans: bytes) -> bytes:
    """Up to the first end-of-image marker: phones append videos, other images and their descriptions behind it."""
    end = scans.find(bytes([0xFF, _END]))
    return scans[: end + 2] if end >= 0 else scans + bytes([0xFF, _END])


def _png_chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
