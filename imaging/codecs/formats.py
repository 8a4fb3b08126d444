"""File formats: which can be read, which can be written, and how to recognise each by its signature."""

import re
from typing import Literal

Format = Literal["jpeg", "png", "webp", "avif", "gif", "tiff", "bmp", "ico", "jpeg2000"]

ANALYSIS = "json"  # the output of an analysis
CUBE = "cube"  # a colour look-up table: accepted as an upload, but not an image
READABLE = ("jpeg", "png", "webp", "gif", "tiff", "bmp", "avif")
ANIMATED = frozenset({"gif", "png", "webp", "avif"})
MEDIA_TYPES = {
    "jpeg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "gif": "image/gif",
    "tiff": "image/tiff",
    "bmp": "image/bmp",
    "avif": "image/avif",
    "ico": "image/x-icon",
    "jpeg2000": "image/jp2",
    ANALYSIS: "application/json",
    CUBE: "application/octet-stream",
}
SNIFF_BYTES = 4096  # text that a .cube file may have before its size, and the brands of an AVIF; others need 32

_MAGIC_BYTES = 32
_CUBE = re.compile(rb"(?:^(?:\xef\xbb\xbf)?|\n|\r)[ \t]*LUT_[13]D_SIZE[ \t]+\d", re.IGNORECASE)
_NO_TEXT = re.compile(rb"[\x00-\x08\x0e-\x1f]")
_MAGIC = (
    ("jpeg", re.compile(rb"\xff\xd8\xff")),
    ("png", re.compile(rb"\x89PNG\r\n\x1a\n")),
    ("webp", re.compile(rb"RIFF.{4}WEBP", re.DOTALL)),
    ("gif", re.compile(rb"GIF8[79]a")),
    ("tiff", re.compile(rb"II[*+]\0|MM\0[*+]")),
    # "BM" alone is too common: the size of the second header must be one that BMP has.
    ("bmp", re.compile(rb"BM.{12}[\x0c\x10\x28\x34\x38\x40\x6c\x7c]\0\0\0", re.DOTALL)),
)
_FTYP = re.compile(rb"(?:\0{3}\x01ftyp.{8}|.{4}ftyp)", re.DOTALL)  # ISO 14496-12: the length may have 64 bits
_AVIF_BRANDS = {b"avif", b"avis"}


def sniff(head: bytes) -> str | None:
    """The format of a file by its first SNIFF_BYTES bytes: one of READABLE, CUBE, or None for any other."""
    image = next((name for name, magic in _MAGIC if magic.match(head[:_MAGIC_BYTES])), None)
    if image is None and _AVIF_BRANDS.intersection(_read_brands(head[:SNIFF_BYTES])):
        return "avif"
    return image or (CUBE if _is_cube(head[:SNIFF_BYTES]) else None)


def needs_more(head: bytes) -> bool:
    """Whether the bytes that follow may still decide the format."""
    if len(head) < _MAGIC_BYTES:
        return True
    may_follow = len(head) < _ftyp_length(head) if _FTYP.match(head) else not _NO_TEXT.search(head)
    return may_follow and len(head) < SNIFF_BYTES and sniff(head) is None


def _ftyp_length(head: bytes) -> int:
    """Bytes of the file's first box; 0, which is to the end of the file, becomes SNIFF_BYTES."""
    length = int.from_bytes(head[:4])
    return int.from_bytes(head[8:16]) if length == 1 else length or SNIFF_BYTES


def _read_brands(head: bytes) -> list[bytes]:
    """The major brand of an `ftyp` box and all compatible ones, as far as they are in `head`."""
    found = _FTYP.match(head)
    if found is None:
        return []
    start, end = found.end(), min(len(head), _ftyp_length(head))
    # Behind the major brand is its version.
    return [head[at : at + 4] for at in (start, *range(start + 8, end - 3, 4)) if at + 4 <= end]


def _is_cube(head: bytes) -> bool:
    return bool(_CUBE.search(head)) and not _NO_TEXT.search(head)


def extension(output_format: str) -> str:
    """File name extension of a download, without the dot."""
    return "jp2" if output_format == "jpeg2000" else output_format
