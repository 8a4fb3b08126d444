"""Which XMP properties say where an image was made, and which describe a file or pixels that are gone."""

import re
from collections.abc import Iterator

from imaging.codecs.metadata.fields import Changes, Statement
from imaging.codecs.metadata.xmp_editor import Name

EXIF, TIFF = "http://ns.adobe.com/exif/1.0/", "http://ns.adobe.com/tiff/1.0/"
DUBLIN_CORE = "http://purl.org/dc/elements/1.1/"
_XMP, _PHOTOSHOP = "http://ns.adobe.com/xap/1.0/", "http://ns.adobe.com/photoshop/1.0/"
_NOTE = "http://ns.adobe.com/xmp/note/"
_IPTC_CORE = "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/"
_IPTC_EXTENSION = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"

# Of any namespace: exif:GPSLatitude, but also what makers of drones and cameras have invented.
_COORDINATE = re.compile(r"gps|latitude|longt?itude|altitude", re.IGNORECASE)
_GEO = "http://www.w3.org/2003/01/geo/wgs84_pos#"
# Encrypted or binary notes of makers, of which nobody can say that they hold no place.
_OPAQUE = {"hdrp_makernote", "MakerNote", "shot_log_data"}
_PLACES = {
    *((_PHOTOSHOP, name) for name in ("City", "State", "Country")),
    *((_IPTC_CORE, name) for name in ("Location", "CountryCode")),
    *((_IPTC_EXTENSION, name) for name in ("LocationCreated", "LocationShown", "City", "CountryCode", "CountryName")),
    *((_IPTC_EXTENSION, name) for name in ("ProvinceState", "Sublocation", "WorldRegion")),
    ("http://ns.adobe.com/xmp/1.0/DynamicMedia/", "shotLocation"),
    (DUBLIN_CORE, "coverage"),
}

# Gain maps, depth maps and further images, sounds and the list of what follows the image in its file.
_EMBEDDED = (
    "http://ns.adobe.com/hdr-gain-map/",
    "http://ns.apple.com/HDRGainMap/",
    "http://ns.apple.com/pixeldatainfo/",
    "http://ns.apple.com/depth",
    "http://ns.google.com/photos/1.0/container/",
    "http://ns.google.com/photos/1.0/depthmap/",
    "http://ns.google.com/photos/1.0/image/",
    "http://ns.google.com/photos/1.0/audio/",
    "http://ns.google.com/photos/dd/",
)
_VIDEO = ("MotionPhoto", "MicroVideo")  # Google's, OPPO's and Xiaomi's namespaces have them alike
# How the pixels of the source were stored.
_STORAGE = {
    *((TIFF, name) for name in ("ImageWidth", "ImageLength", "BitsPerSample", "Compression", "SamplesPerPixel")),
    *((TIFF, name) for name in ("PhotometricInterpretation", "PlanarConfiguration", "YCbCrSubSampling")),
    *((TIFF, name) for name in ("YCbCrPositioning", "YCbCrCoefficients", "ReferenceBlackWhite")),
    *((EXIF, name) for name in ("PixelXDimension", "PixelYDimension", "CompressedBitsPerPixel")),
    *((_XMP, "Thumbnails"), (_NOTE, "HasExtendedXMP"), (DUBLIN_CORE, "format")),
}
_RESOLUTION = {(TIFF, name) for name in ("XResolution", "YResolution", "ResolutionUnit")}
_COLORS = {
    *((TIFF, name) for name in ("TransferFunction", "WhitePoint", "PrimaryChromaticities")),
    *((EXIF, "ColorSpace"), (EXIF, "Gamma"), (_PHOTOSHOP, "ICCProfile")),
}
# Coordinates within the image: the crop of a panorama, faces and other regions.
_COORDINATE_SPACES = (
    "http://ns.google.com/photos/1.0/panorama/",
    "http://www.metadataworkinggroup.com/schemas/regions/",
    "http://ns.microsoft.com/photo/1.2/",
)
_COORDINATES = {(EXIF, "SubjectArea"), (EXIF, "SubjectLocation"), (_IPTC_EXTENSION, "ImageRegion")}
# What a statement of the client replaces.
_STATED = {
    "copyright": {(DUBLIN_CORE, "rights"), (TIFF, "Copyright")},
    "creator": {(DUBLIN_CORE, "creator"), (TIFF, "Artist")},
    "description": {(DUBLIN_CORE, "description"), (TIFF, "ImageDescription")},
}


def is_place(name: Name) -> bool:
    """Whether the property says where the image was made, or what place it shows."""
    uri, local = name
    return name in _PLACES or uri == _GEO or local in _OPAQUE or bool(_COORDINATE.search(local))


def is_stale(name: Name, changes: Changes) -> bool:
    """Whether the property describes what the output has no longer."""
    uri, local = name
    if name in _STORAGE or uri.startswith(_EMBEDDED) or local.startswith(_VIDEO):
        return True
    if changes.is_converted and name in _COLORS:
        return True
    return changes.geometry.is_moved and (uri.startswith(_COORDINATE_SPACES) or name in _COORDINATES)


def replaced_by(statement: Statement, *, has_resolution: bool) -> Iterator[Name]:
    """Yield the properties that would contradict what is stated, or the resolution that the file itself states."""
    for name in statement.names & _STATED.keys():
        yield from _STATED[name]
    if has_resolution:
        yield from _RESOLUTION
