"""EXIF and XMP: what a file says about its image, and how much of that its output keeps."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from PIL import ExifTags, Image

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
    try:
        exif = file.getexif()
        kept = (
            _select_copyright(exif) if policy == "keep_copyright" else _select_description(exif, is_upright=is_upright)
        )
        data = kept.tobytes() if len(kept) else b""
    except Exception:  # noqa: BLE001 - as above
        return b""
    return data if len(data) <= _MOST_EXIF_BYTES else b""


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
    """XMP for the output, without thumbnails, and upright if the pixels are; empty unless it is to be kept."""
    found = file.info.get("xmp", b"") if policy == "keep" else b""
    data = found.encode() if isinstance(found, str) else bytes(found)
    data = _XMP_THUMBNAILS.sub(b"", data)
    if is_upright:
        data = _XMP_ORIENTATION.sub(rb"\g<1>1", data)
    return data if len(data) <= _MOST_XMP_BYTES else b""
