"""Adds tags to an encoded TIFF: libtiff, which compresses, does not write EXIF. TIFF 6.0, section 2."""

import struct
from io import SEEK_END, BytesIO

from PIL import Image

_HEADER = len(b"Exif\0\0") + 8  # what Pillow writes before the directory
_ENTRY = 12


def append_tags(file: BytesIO, tags: Image.Exif) -> None:
    """Write the tags, and a directory of them and those of the file, at its end; what was written stays in place."""
    file.seek(0)
    order = "<" if file.read(2) == b"II" else ">"
    present, following = _read_directory(file, order)
    tags.endian = order
    written = tags.tobytes(_seek_even_end(file))[_HEADER:]
    count = struct.unpack_from(f"{order}H", written)[0]
    entries = sorted((present | _by_tag(written[2 : 2 + _ENTRY * count], order)).items())
    file.write(written)
    start = _seek_even_end(file)
    file.write(struct.pack(f"{order}H", len(entries)) + b"".join(entry for _, entry in entries) + following)
    file.seek(4)
    file.write(struct.pack(f"{order}I", start))


def _read_directory(file: BytesIO, order: str) -> tuple[dict[int, bytes], bytes]:
    """Entries by tag, and the offset of the next directory."""
    file.seek(4)
    (start,) = struct.unpack(f"{order}I", file.read(4))
    file.seek(start)
    (count,) = struct.unpack(f"{order}H", file.read(2))
    return _by_tag(file.read(_ENTRY * count), order), file.read(4)


def _by_tag(entries: bytes, order: str) -> dict[int, bytes]:
    found = (entries[start : start + _ENTRY] for start in range(0, len(entries), _ENTRY))
    return {struct.unpack_from(f"{order}H", entry)[0]: entry for entry in found}


def _seek_even_end(file: BytesIO) -> int:
    if file.seek(0, SEEK_END) % 2:
        file.write(b"\0")
    return file.tell()
