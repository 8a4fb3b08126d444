"""What a file says about its picture, and how much of that the output says too."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from PIL import ExifTags, Image

Wanted = Literal["strip", "keep_copyright", "keep"]

ORIENTATION = ExifTags.Base.Orientation.value
_COPYRIGHT = (ExifTags.Base.Artist.value, ExifTags.Base.Copyright.value)
# The others of a TIFF say how its pixels lie in the file.
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
# Exif's segment in a JPEG, and XMP's with its name in front; no reader expects more elsewhere either.
_MOST_EXIF_BYTES = 65_533
_MOST_XMP_BYTES = 65_502
_XMP_ORIENTATION = re.compile(rb"(tiff:Orientation\s*(?:=\s*[\"']|>)\s*)[1-8]")
_XMP_THUMBNAILS = re.compile(rb"<xmp:Thumbnails>.*?</xmp:Thumbnails>", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """As bytes to be embedded; empty for none. `profile` is the ICC profile that the pixels are still in."""

    exif: bytes = b""
    xmp: bytes = b""
    profile: bytes = b""


def exif_of(picture: Image.Image) -> Mapping[int, object]:
    """Empty when there is none, or none that can be read."""
    try:
        return dict(picture.getexif())
    except Exception:  # noqa: BLE001 - metadata is a guest in the file: broken, it may not spoil the picture
        return {}


def orientation(picture: Image.Image) -> object:
    """1..8, or whatever else the file says; a picture whose EXIF cannot be read is taken as upright."""
    return exif_of(picture).get(ORIENTATION)


def exif_to_keep(picture: Image.Image, wanted: Wanted, *, is_upright: bool) -> bytes:
    """Without thumbnail and sizes, which are the source's; empty when it cannot be read."""
    if wanted == "strip":
        return b""
    try:
        exif = picture.getexif()
        kept = _copyright_of(exif) if wanted == "keep_copyright" else _described(exif, is_upright=is_upright)
        data = kept.tobytes() if len(kept) else b""
    except Exception:  # noqa: BLE001 - as above
        return b""
    return data if len(data) <= _MOST_EXIF_BYTES else b""


def _copyright_of(exif: Image.Exif) -> Image.Exif:
    kept = Image.Exif()
    for tag in _COPYRIGHT:
        if tag in exif:
            kept[tag] = exif[tag]
    return kept


def _described(exif: Image.Exif, *, is_upright: bool) -> Image.Exif:
    """A thumbnail lies in a directory that Pillow does not write."""
    for tag in set(exif) - _DESCRIPTIVE:
        del exif[tag]
    details: dict[int, Any] = exif.get_ifd(ExifTags.IFD.Exif)
    for tag in _SIZES:
        details.pop(tag, None)
    if is_upright and ORIENTATION in exif:
        exif[ORIENTATION] = _UPRIGHT
    return exif


def xmp_to_keep(picture: Image.Image, wanted: Wanted, *, is_upright: bool) -> bytes:
    found = picture.info.get("xmp", b"") if wanted == "keep" else b""
    data = found.encode() if isinstance(found, str) else bytes(found)
    data = _XMP_THUMBNAILS.sub(b"", data)
    if is_upright:
        data = _XMP_ORIENTATION.sub(rb"\g<1>1", data)
    return data if len(data) <= _MOST_XMP_BYTES else b""
