"""EXIF and XMP: what a file says about its image, and how much of that its output keeps."""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal

from PIL import ExifTags, Image, TiffImagePlugin

from imaging.codecs.containers.copyright import find_notice, find_notice_in_xmp, read_xmp, write_xmp

MetadataPolicy = Literal["strip", "keep_copyright", "keep"]

ORIENTATION = ExifTags.Base.Orientation.value
_COPYRIGHT = (ExifTags.Base.Artist.value, ExifTags.Base.Copyright.value)
# The others of a TIFF describe how its pixels are stored.
_DESCRIPTIVE = frozenset(
    tag.value
    for tag in (
        *(ExifTags.Base.ImageDescription, ExifTags.Base.Make, ExifTags.Base.Model, ExifTags.Base.Orientation),
        *(ExifTags.Base.XResolution, ExifTags.Base.YResolution, ExifTags.Base.ResolutionUnit),
        *(ExifTags.Base.Software, ExifTags.Base.DateTime, ExifTags.Base.HostComputer, ExifTags.Base.Rating),
        *(ExifTags.Base.Artist, ExifTags.Base.Copyright, ExifTags.IFD.Exif, ExifTags.IFD.GPSInfo),
        *(ExifTags.Base.XPTitle, ExifTags.Base.XPComment, ExifTags.Base.XPAuthor),
        *(ExifTags.Base.XPKeywords, ExifTags.Base.XPSubject),
    )
)
_SIZES = (ExifTags.Base.ExifImageWidth.value, ExifTags.Base.ExifImageHeight.value)
_UPRIGHT = 1
# What fits into a JPEG's segment, after XMP's name for the latter; no reader expects more elsewhere either.
_MOST_EXIF_BYTES = 65_533
_MOST_XMP_BYTES = 65_502
_XMP_ORIENTATION = re.compile(rb"(tiff:Orientation\s*(?:=\s*[\"']|>)\s*)[1-8]")
_XMP_THUMBNAILS = re.compile(rb"<xmp:Thumbnails>.*?</xmp:Thumbnails>", re.DOTALL)


# Pillow reads text as Latin-1, so that each byte is a character, and writes question marks for those beyond ASCII.
_ASCII, _UTF_8 = 2, 129  # types of TIFF 6.0 and Exif 3.0
_Directory = TiffImagePlugin.ImageFileDirectory_v2
_Directory._load_dispatch[_UTF_8] = _Directory._load_dispatch[_ASCII]  # noqa: SLF001 - no public name
_Directory._write_dispatch[_ASCII] = lambda _, value: _write_text(value)  # noqa: SLF001 - as above


def _write_text(value: object) -> bytes:
    """The bytes that the text was read from, and a NUL."""
    data = value if isinstance(value, bytes) else str(value).encode("latin-1", "replace")
    return data + b"\0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """Bytes to be embedded, empty for none. `profile` is the ICC profile that the pixels are still in."""

    exif: bytes = b""
    xmp: bytes = b""
    profile: bytes = b""


def read_exif(file: Image.Image) -> Mapping[int, object]:
    """Tags and values; empty when there are none, or none that can be read."""
    try:
        return dict(file.getexif())
    except Exception:  # noqa: BLE001 - broken metadata must not spoil the image
        return {}


def read_orientation(file: Image.Image) -> object:
    """EXIF orientation: 1..8, whatever else the file says, or None where it says nothing readable."""
    return read_exif(file).get(ORIENTATION)


def select_exif(file: Image.Image, policy: MetadataPolicy, *, is_upright: bool) -> bytes:
    """EXIF for the output, without thumbnail and sizes, which no longer fit; empty when it cannot be read.

    `is_upright`: the pixels have been oriented, so the tag is set to 1.
    """
    if policy == "strip":
        return b""
    data = b""
    with suppress(Exception):  # as above
        data = _select_tags(file, policy, is_upright=is_upright)
    if data and len(data) <= _MOST_EXIF_BYTES:
        return data
    return _add_notice(Image.Exif(), file).tobytes() if any(find_notice(file)) else b""


def _select_tags(file: Image.Image, policy: MetadataPolicy, *, is_upright: bool) -> bytes:
    exif = file.getexif()
    kept = _select_copyright(exif) if policy == "keep_copyright" else _select_description(exif, is_upright=is_upright)
    return kept.tobytes() if len(_add_notice(kept, file)) else b""


def _add_notice(exif: Image.Exif, file: Image.Image) -> Image.Exif:
    """With what XMP, IPTC or a PNG's text say of artist and copyright, where EXIF says nothing."""
    notice = find_notice(file)
    for tag, text in zip(_COPYRIGHT, (notice.creator, notice.copyright), strict=True):
        if text and not exif.get(tag):
            exif[tag] = text.decode("latin-1")  # which is how the bytes get through: see above
    return exif


def _select_copyright(exif: Image.Exif) -> Image.Exif:
    kept = Image.Exif()
    for tag in _COPYRIGHT:
        if tag in exif:
            kept[tag] = exif[tag]
    return kept


def _select_description(exif: Image.Exif, *, is_upright: bool) -> Image.Exif:
    """Drops a thumbnail too: it is in a directory that Pillow does not write."""
    for tag in set(exif) - _DESCRIPTIVE:
        del exif[tag]
    details: dict[int, Any] = exif.get_ifd(ExifTags.IFD.Exif)
    for tag in _SIZES:
        details.pop(tag, None)
    if is_upright and ORIENTATION in exif:
        exif[ORIENTATION] = _UPRIGHT
    return exif


def select_xmp(file: Image.Image, policy: MetadataPolicy, *, is_upright: bool) -> bytes:
    """XMP for the output: rights and creator, or all but thumbnails, and upright if the pixels are."""
    if policy == "strip":
        return b""
    data = read_xmp(file)
    if policy == "keep_copyright":
        return write_xmp(find_notice_in_xmp(data))
    data = _XMP_THUMBNAILS.sub(b"", data)
    if is_upright:
        data = _XMP_ORIENTATION.sub(rb"\g<1>1", data)
    return data if len(data) <= _MOST_XMP_BYTES else b""
