"""What the directory (IFD) of a TIFF is of, and the name of what nobody here can decode."""

from typing import Any

from PIL import TiffImagePlugin as Tiff

from core.errors import UnsupportedImageFeature

_NEW_SUBFILE_TYPE, _SUBFILE_TYPE, _INK_SET, _DNG_VERSION = 254, 255, 332, 50706
_REDUCED, _MASK = 1, 4  # bits of NewSubfileType
_OLD_REDUCED = 2
_CMYK, _OTHER_INKS = 5, 2
_RAW = {32803, 34892}  # a colour filter array, and linear raw
_CANON = slice(8, 10)  # where a CR2 says that it is one

_COMPRESSIONS = {  # that libtiff lacks, at least in Pillow's wheels
    9: "JBIG",
    10: "JBIG",
    22610: "JPEG XR",
    32766: "NeXT",
    32908: "PixarFilm",
    32909: "PixarLog",
    33003: "JPEG 2000",
    33004: "JPEG 2000",
    33005: "JPEG 2000",
    34661: "JBIG",
    34712: "JPEG 2000",
    34713: "Nikon NEF",
    34887: "LERC",
    34892: "lossy JPEG",
    34933: "PNG",
    34934: "JPEG XR",
    50001: "WebP",
    50002: "JPEG XL",
    52546: "JPEG XL",
    65000: "Kodak DCR",
}


def is_reduced(tags: Any) -> bool:  # noqa: ANN401 - Pillow's directory
    """Whether it says of itself that it is a thumbnail or a mask of another image in the file."""
    kind = tags.get(_NEW_SUBFILE_TYPE)
    if isinstance(kind, int):
        return bool(kind & (_REDUCED | _MASK))
    return bool(tags.get(_SUBFILE_TYPE) == _OLD_REDUCED)


def check_not_raw(tags: Any, data: bytes) -> None:  # noqa: ANN401 - Pillow's directory
    """Raise UnsupportedImageFeature for a raw photograph; one of Canon has directories as any TIFF."""
    if data[_CANON] == b"CR" or _DNG_VERSION in tags or tags.get(Tiff.PHOTOMETRIC_INTERPRETATION) in _RAW:
        raise UnsupportedImageFeature(
            "This is a raw photograph, which is not supported. Develop it to JPEG or TIFF first."
        )


def check_supported(tags: Any) -> None:  # noqa: ANN401 - Pillow's directory
    """Raise UnsupportedImageFeature for a compression that cannot be read, and for inks other than CMYK."""
    if tags.get(Tiff.PHOTOMETRIC_INTERPRETATION) == _CMYK and tags.get(_INK_SET) == _OTHER_INKS:
        raise UnsupportedImageFeature("This TIFF stores inks other than CMYK, which is not supported.")
    compression = tags.get(Tiff.COMPRESSION, 1)
    if compression in _COMPRESSIONS or compression not in Tiff.COMPRESSION_INFO:
        name = _COMPRESSIONS.get(compression, f"an unknown ({compression})")
        raise UnsupportedImageFeature(f"This TIFF uses {name} compression, which is not supported.")
