"""EXIF: the tags that an output keeps, and those that are written for what is stated. Exif 3.0 and TIFF 6.0."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from fractions import Fraction
from typing import Any

from PIL import ExifTags, Image, TiffImagePlugin

from imaging.codecs.metadata.fields import Changes, MetadataRequest, Resolution
from imaging.codecs.metadata.notice import Notice

_Tag = ExifTags.Base
ORIENTATION = _Tag.Orientation.value
_CREATOR, _COPYRIGHT, _DESCRIPTION = _Tag.Artist.value, _Tag.Copyright.value, _Tag.ImageDescription.value
_DETAILS, _GPS, _INTEROPERABILITY = ExifTags.IFD.Exif.value, ExifTags.IFD.GPSInfo.value, ExifTags.IFD.Interop.value
# The others of a TIFF describe how its pixels are stored; its resolution is read and written by itself.
_DESCRIPTIVE = (
    *(_Tag.ImageDescription, _Tag.Make, _Tag.Model, _Tag.Orientation, _Tag.Software, _Tag.DateTime),
    *(_Tag.HostComputer, _Tag.Rating, _Tag.Artist, _Tag.Copyright),
    *(_Tag.XPTitle, _Tag.XPComment, _Tag.XPAuthor, _Tag.XPKeywords, _Tag.XPSubject),
)
_SIZES = (_Tag.ExifImageWidth, _Tag.ExifImageHeight, _Tag.CompressedBitsPerPixel)
_SUBJECT = (0x9214, 0xA214)  # area and location, in pixels of the source
_COLORS = (_Tag.Gamma, _INTEROPERABILITY)  # the latter says Adobe RGB or sRGB
_COLOR_SPACE, _SRGB = _Tag.ColorSpace.value, 1
_PHOTOGRAPHER = 0xA437
_UPRIGHT = 1
_INCH = 2
_MOST_BYTES = 65_533  # what fits into a JPEG's segment; no reader expects more elsewhere either

# Pillow reads text as Latin-1, so that each byte is a character, and writes question marks for those beyond ASCII.
_ASCII, _UTF_8 = 2, 129  # types of TIFF 6.0 and Exif 3.0
_Directory = TiffImagePlugin.ImageFileDirectory_v2
_Directory._load_dispatch[_UTF_8] = _Directory._load_dispatch[_ASCII]  # noqa: SLF001 - no public name
_Directory._write_dispatch[_ASCII] = lambda _, value: _write_text(value)  # noqa: SLF001 - as above


def _write_text(value: object) -> bytes:
    """The bytes that the text was read from, and a NUL."""
    data = value if isinstance(value, bytes) else str(value).encode("latin-1", "replace")
    return data + b"\0"


def read_exif(file: Image.Image) -> Mapping[int, object]:
    """Tags and values; empty when there are none, or none that can be read."""
    try:
        return dict(file.getexif())
    except Exception:  # noqa: BLE001 - broken metadata must not spoil the image
        return {}


def read_orientation(file: Image.Image) -> object:
    """EXIF orientation: 1..8, whatever else the file says, or None where it says nothing readable."""
    return read_exif(file).get(ORIENTATION)


def select_exif(
    file: Image.Image, request: MetadataRequest, changes: Changes, *, notice: Notice, resolution: Resolution | None
) -> bytes:
    """EXIF for the output; empty for none. If it would be too large, what is stated and the notice alone."""
    for source in (_select(file, request, changes), Image.Exif()):
        exif = _add(source, request, notice=notice, resolution=resolution)
        data = exif.tobytes() if len(exif) else b""
        if len(data) <= _MOST_BYTES:
            return data
    return b""


def _select(file: Image.Image, request: MetadataRequest, changes: Changes) -> Image.Exif:
    """A copy, which holds what was put into it and nothing that Pillow would add from the source."""
    kept = Image.Exif()
    if request.policy == "strip":
        return kept
    with suppress(Exception):  # broken metadata must not spoil the image
        exif = file.getexif()
        kept.endian = exif.endian
        kept.update(_copy(exif, _DESCRIPTIVE if request.keeps_all else (_CREATOR, _COPYRIGHT)))
        if request.keeps_all:
            _copy_directories(exif, kept, request, changes)
        if changes.is_upright and ORIENTATION in kept:
            kept[ORIENTATION] = _UPRIGHT
    return kept


def _copy_directories(exif: Image.Exif, kept: Image.Exif, request: MetadataRequest, changes: Changes) -> None:
    with suppress(Exception):
        if details := _select_details(exif, request, changes):
            kept[_DETAILS] = details
    with suppress(Exception):
        gps = exif.get_ifd(_GPS) if request.keeps_location else {}
        if gps := _copy(gps, gps, group=_GPS):
            kept[_GPS] = gps


def _select_details(exif: Image.Exif, request: MetadataRequest, changes: Changes) -> dict[int, Any]:
    """The Exif directory. A maker's note can hold a place where nobody finds it."""
    details: dict[int, Any] = dict(exif.get_ifd(_DETAILS))
    interoperability = exif.get_ifd(_INTEROPERABILITY) if _INTEROPERABILITY in details else {}
    dropped = {*_SIZES, _GPS, _INTEROPERABILITY}
    dropped |= set() if request.keeps_location else {_Tag.MakerNote}
    dropped |= set(_SUBJECT) if changes.geometry.is_moved else set()
    dropped |= set(_COLORS) if changes.is_converted else set()
    dropped |= {_PHOTOGRAPHER} if request.statement.creator else set()
    if changes.is_converted and _COLOR_SPACE in details:
        details[_COLOR_SPACE] = _SRGB
    kept = _copy(details, set(details) - dropped, group=_DETAILS)
    inner = _copy(interoperability, interoperability, group=_INTEROPERABILITY)
    return kept | ({_INTEROPERABILITY: inner} if inner and not changes.is_converted else {})


def _copy(tags: Mapping[int, Any] | Image.Exif, wanted: Iterable[int], *, group: int | None = None) -> dict[int, Any]:
    """The wanted tags whose values can be read and written."""
    kept: dict[int, Any] = {}
    for tag in wanted:
        with suppress(Exception):
            probe = _Directory(group=group)
            probe[int(tag)] = tags[tag]
            probe.tobytes()
            kept[int(tag)] = tags[tag]
    return kept


def _add(exif: Image.Exif, request: MetadataRequest, *, notice: Notice, resolution: Resolution | None) -> Image.Exif:
    """With what is stated, with the notice where neither that nor EXIF says anything, and with the resolution."""
    stated = request.statement
    for tag, text, found in (
        (_CREATOR, stated.creator, notice.creator),
        (_COPYRIGHT, stated.copyright, notice.copyright),
        (_DESCRIPTION, stated.description, b""),
    ):
        written = text.encode() if text else b"" if exif.get(tag) else found
        if written:
            exif[tag] = written.decode("latin-1")  # which is how the bytes get through: see above
    if stated.creator:
        exif.pop(_Tag.XPAuthor.value, None)
    if resolution:
        for tag, dpi in zip((_Tag.XResolution, _Tag.YResolution), resolution, strict=True):
            exif[tag.value] = TiffImagePlugin.IFDRational(Fraction(str(dpi)))
        exif[_Tag.ResolutionUnit.value] = _INCH
    return exif
