"""File formats: which can be read, which can be written, and how to recognise each by its signature."""

import re
from collections.abc import Iterable, Mapping
from typing import Literal, get_args

from imaging.codecs.containers.isobmff.ftyp import has_brands, read_brands, read_length

Format = Literal["jpeg", "png", "webp", "avif", "jxl", "gif", "tiff", "bmp", "ico", "jpeg2000"]
WRITABLE = get_args(Format)
WRITTEN_INSTEAD: Mapping[str, Format] = {"heic": "jpeg", "svg": "png"}  # by `auto`, of what can only be read

ANALYSIS = "json"  # the output of an analysis
CUBE = "cube"  # a colour look-up table: accepted as an upload, but not an image
# In the order in which documents and messages list them.
NAMES = {
    "jpeg": "JPEG",
    "png": "PNG",
    "webp": "WebP",
    "avif": "AVIF",
    "heic": "HEIC",
    "jxl": "JPEG XL",
    "gif": "GIF",
    "tiff": "TIFF",
    "bmp": "BMP",
    "svg": "SVG",
    "ico": "ICO",
    "jpeg2000": "JPEG 2000",
    CUBE: ".cube",
}
READABLE = ("jpeg", "png", "webp", "avif", "heic", "jxl", "gif", "tiff", "bmp", "svg")
ANIMATED = frozenset({"gif", "png", "webp", "avif"})
MEDIA_TYPES = {
    "jpeg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "avif": "image/avif",
    "heic": "image/heic",
    "jxl": "image/jxl",
    "gif": "image/gif",
    "tiff": "image/tiff",
    "bmp": "image/bmp",
    "svg": "image/svg+xml",
    "ico": "image/x-icon",
    "jpeg2000": "image/jp2",
    ANALYSIS: "application/json",
    CUBE: "application/octet-stream",
}
SNIFF_BYTES = 4096  # text that a .cube file may have before its size, and the brands of an AVIF; others need 32

_MAGIC_BYTES = 32
_SVG = re.compile(
    r"\ufeff?\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*|<\?.*?\?>\s*)*"
    r"(?:<!DOCTYPE\s+(?:\w+:)?svg\b|<(?:\w+:)?svg[\s>/])",
    re.DOTALL,
)
_CUBE = re.compile(rb"(?:^(?:\xef\xbb\xbf)?|\n|\r)[ \t]*LUT_[13]D_SIZE[ \t]+\d", re.IGNORECASE)
_NO_TEXT = re.compile(rb"[\x00-\x08\x0e-\x1f]")
_MAGIC = (
    ("jpeg", re.compile(rb"\xff\xd8\xff")),
    ("png", re.compile(rb"\x89PNG\r\n\x1a\n")),
    ("webp", re.compile(rb"RIFF.{4}WEBP", re.DOTALL)),
    ("jxl", re.compile(rb"\xff\x0a|\0\0\0\x0cJXL \r\n\x87\n")),
    ("gif", re.compile(rb"GIF8[79]a")),
    ("tiff", re.compile(rb"II[*+]\0|MM\0[*+]")),
    # "BM" alone is too common: the size of the second header must be one that BMP has.
    ("bmp", re.compile(rb"BM.{12}[\x0c\x10\x28\x34\x38\x40\x6c\x7c]\0\0\0", re.DOTALL)),
)
_BRANDS = (  # the first that a file names, as major or compatible brand, counts: some AVIFs are called mif1 first
    ("avif", {b"avif", b"avis"}),
    ("heic", {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"}),
)
_FIRST_BRAND = _BRANDS[0][0]


def sniff(head: bytes) -> str | None:
    """The format of a file by its first SNIFF_BYTES bytes: one of READABLE, CUBE, or None for any other."""
    image = next((name for name, magic in _MAGIC if magic.match(head[:_MAGIC_BYTES])), None)
    return image or _sniff_brands(head[:SNIFF_BYTES]) or _sniff_text(head[:SNIFF_BYTES])


def _sniff_text(head: bytes) -> str | None:
    encoding = "utf-16" if head.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8"
    if _SVG.match(head.decode(encoding, "replace")):
        return "svg"
    return CUBE if _is_cube(head) else None


def _sniff_brands(head: bytes) -> str | None:
    found = set(read_brands(head))
    return next((name for name, brands in _BRANDS if brands & found), None)


def needs_more(head: bytes) -> bool:
    """Whether the bytes that follow may still decide the format."""
    if len(head) < _MAGIC_BYTES:
        return True
    if len(head) >= SNIFF_BYTES:
        return False
    if has_brands(head):
        return len(head) < (read_length(head) or SNIFF_BYTES) and sniff(head) != _FIRST_BRAND
    return not _NO_TEXT.search(head) and sniff(head) is None


def _is_cube(head: bytes) -> bool:
    return bool(_CUBE.search(head)) and not _NO_TEXT.search(head)


def extension(output_format: str) -> str:
    """File name extension of a download, without the dot."""
    return "jp2" if output_format == "jpeg2000" else output_format


def list_formats(names: Iterable[str] = READABLE) -> str:
    """Their names for people, in the order of all lists."""
    listed = set(names)
    return ", ".join(text for name, text in NAMES.items() if name in listed)
