"""What the directory (IFD) of a TIFF says of its pixels, who can decode them, and the name of what nobody here can."""

from collections.abc import Mapping
from typing import Any

from PIL import TiffImagePlugin as Tiff

from core.errors import ImageTooLarge, UnsupportedImageFeature
from imaging.samples import SampleKind, SampleLayout

NEW_SUBFILE_TYPE, SUBFILE_TYPE, GDAL_NO_DATA, DNG_VERSION = 254, 255, 42113, 50706
MOST_SAMPLE_BYTES = 2**29  # of one image before it is scaled to 8 bits
MOST_TILE_BYTES = 2**26  # of one, and of what tiles have beyond the image

_COMPRESSIONS = {
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
    50002: "JPEG XL",
    52546: "JPEG XL",
    65000: "Kodak DCR",
}
# None, LZW, Deflate, PackBits, LZMA, Zstandard: libtiff returns the bytes that were written, whatever they stand for.
_LOSSLESS = {1, 5, 8, 32773, 32946, 34925, 50000}
_PREDICTED = _LOSSLESS - {1, 32773}  # libtiff ignores the predictor of the others
_COLORS = {0: 1, 1: 1, 2: 3, 5: 4}  # samples of a pixel by photometric interpretation
_CFA, _LINEAR_RAW = 32803, 34892
_PHOTOMETRICS = {0: "grey", 1: "grey", 2: "RGB", 3: "palette", 4: "mask", 5: "CMYK", 6: "YCbCr", 8: "CIELab"}
_KINDS: Mapping[int, SampleKind] = {1: "uint", 2: "int", 3: "float", 4: "uint"}
_MOST_BANDS = 16
_WHOLE_BYTES = (8, 16, 32, 64)
_FLOAT_BITS = (16, 32, 64)
_ALPHAS = (1, 2, 999)  # premultiplied, straight, and Corel Draw's
_REDUCED, _MASK = 1, 4  # bits of NewSubfileType
_OLD_REDUCED = 2


def is_reduced(tags: Any) -> bool:  # noqa: ANN401 - Pillow's directory
    """Whether it says of itself that it is a thumbnail or a mask of another image in the file."""
    kind = tags.get(NEW_SUBFILE_TYPE)
    if isinstance(kind, int):
        return bool(kind & (_REDUCED | _MASK))
    return bool(tags.get(SUBFILE_TYPE) == _OLD_REDUCED)


def check_supported(tags: Any) -> None:  # noqa: ANN401 - Pillow's directory
    """Raise UnsupportedImageFeature for a raw photograph and for a compression that cannot be read."""
    if DNG_VERSION in tags or _photometric(tags) in {_CFA, _LINEAR_RAW}:
        raise UnsupportedImageFeature(
            "This is a raw photograph, which is not supported. Develop it to JPEG or TIFF first."
        )
    compression = tags.get(Tiff.COMPRESSION, 1)
    if compression not in Tiff.COMPRESSION_INFO:
        name = _COMPRESSIONS.get(compression, f"an unknown ({compression})")
        raise UnsupportedImageFeature(f"This TIFF uses {name} compression, which is not supported.")


def read_layout(tags: Any) -> SampleLayout | None:  # noqa: ANN401 - Pillow's directory
    """Return None for what Pillow decodes rightly, or rejects as damaged.

    Raises UnsupportedImageFeature for what neither Pillow nor we can decode, and ImageTooLarge.
    """
    bits, bands = _bits(tags), tags.get(Tiff.SAMPLESPERPIXEL, 1)
    if not isinstance(bands, int) or len(bits) != bands or tags.get(Tiff.COMPRESSION, 1) in {6, 7}:
        return None
    if not _is_ours(tags, bits):
        return None
    layout = _layout(tags, bits)
    _check_memory(tags, layout)
    return layout


def _check_memory(tags: Any, layout: SampleLayout) -> None:  # noqa: ANN401
    """Raise ImageTooLarge. Tiles reach beyond the image, so what they add is bounded too."""
    needed = (layout.size[0] * layout.stored_bands * layout.bits + 7) // 8 * layout.size[1]
    tile = layout.segment_row_bytes * tags[Tiff.TILELENGTH] if Tiff.TILEWIDTH in tags else 0
    padded = layout.row_bytes * layout.size[1] * layout.planes
    if needed > MOST_SAMPLE_BYTES:
        raise ImageTooLarge("The samples of this TIFF take more than 512 MiB. Save it with fewer bits a sample.")
    if max(tile, padded - 2 * needed) > MOST_TILE_BYTES:
        raise ImageTooLarge("The tiles of this TIFF take more than 64 MiB. Save it with smaller tiles.")


def _layout(tags: Any, bits: tuple[int, ...]) -> SampleLayout:  # noqa: ANN401
    _check_samples(tags, bits)
    colors, extra = _COLORS[_photometric(tags)], _extra(tags, len(bits))
    alpha = next((index for index, kind in enumerate(extra) if kind in _ALPHAS), None)
    size = tags[Tiff.IMAGEWIDTH], tags[Tiff.IMAGELENGTH]
    return SampleLayout(
        size=size,
        bits=bits[0],
        kind=_KINDS[_format(tags)],
        is_big_endian=tags.prefix == Tiff.MM,
        stored_bands=len(bits),
        colors=colors,
        alpha=None if alpha is None else colors + alpha,
        is_premultiplied=alpha is not None and extra[alpha] == 1,
        is_planar=tags.get(Tiff.PLANAR_CONFIGURATION, 1) == 2,  # noqa: PLR2004 - as in the tag
        predictor=_predictor(tags),
        segment_width=max(1, tags.get(Tiff.TILEWIDTH, size[0])),
        is_white_zero=_photometric(tags) == 0,
        no_data=_no_data(tags),
    )


def _check_samples(tags: Any, bits: tuple[int, ...]) -> None:  # noqa: ANN401
    photometric, kind = _photometric(tags), _KINDS.get(_format(tags))
    name = _PHOTOMETRICS.get(photometric, f"the photometric interpretation {photometric}")
    if photometric not in _COLORS or kind is None or len(set(bits)) > 1:
        raise UnsupportedImageFeature(
            f"This TIFF stores {name} with {', '.join(map(str, bits[:8]))} bits a sample, which is not supported."
        )
    widths = _FLOAT_BITS if kind == "float" else _WHOLE_BYTES if kind == "int" else (*range(1, 33), 64)
    if bits[0] not in widths:
        raise UnsupportedImageFeature(f"This TIFF has {kind} samples of {bits[0]} bits, which is not supported.")
    if photometric == 5 and any(each in _ALPHAS for each in _extra(tags, len(bits))):  # noqa: PLR2004 - as in the tag
        raise UnsupportedImageFeature("This TIFF stores CMYK with alpha, which is not supported.")
    _check_compression(tags, bits[0], name)


def _check_compression(tags: Any, bits: int, name: str) -> None:  # noqa: ANN401
    if tags.get(Tiff.COMPRESSION, 1) not in _LOSSLESS:
        compression = Tiff.COMPRESSION_INFO[tags[Tiff.COMPRESSION]]
        raise UnsupportedImageFeature(
            f"This TIFF stores {name} with {compression} compression, which is not supported."
        )
    kinds = {1: (1, 2, 3, 4), 2: (1, 2, 3, 4), 3: (3,)}.get(_predictor(tags), ())
    if _format(tags) not in kinds or (_predictor(tags) > 1 and bits not in _WHOLE_BYTES):
        raise UnsupportedImageFeature(
            f"This TIFF uses predictor {_predictor(tags)} for samples of {bits} bits, which is not supported."
        )


def _is_ours(tags: Any, bits: tuple[int, ...]) -> bool:  # noqa: ANN401
    """Whether Pillow does not know this kind, or reads it wrongly."""
    extra, photometric = tags.get(Tiff.EXTRASAMPLES, ()), _photometric(tags)
    is_planar = tags.get(Tiff.PLANAR_CONFIGURATION, 1) == 2  # noqa: PLR2004 - as in the tag
    if is_planar and bits[0] == 8 and extra and not any(extra):  # noqa: PLR2004 - Pillow leaves out what has no meaning
        bits, extra = bits[: -len(extra)], ()
    key = (tags.prefix, photometric, (_format(tags),), tags.get(Tiff.FILLORDER, 1), bits, extra)
    if key not in Tiff.OPEN_INFO:
        return True
    is_misread = bits[0] in {12, 32, 64} or (bits[0] == 16 and photometric == 0)  # noqa: PLR2004
    return is_misread or _format(tags) != 1 or (is_planar and len(bits) > 1 and bits[0] != 8)  # noqa: PLR2004


def _photometric(tags: Any) -> int:  # noqa: ANN401
    return int(tags.get(Tiff.PHOTOMETRIC_INTERPRETATION, 0))


def _bits(tags: Any) -> tuple[int, ...]:  # noqa: ANN401
    """As Pillow: one value stands for all samples, and those too many are ignored."""
    bits, bands = tags.get(Tiff.BITSPERSAMPLE, (1,)), tags.get(Tiff.SAMPLESPERPIXEL, 1)
    if bands > _MOST_BANDS:
        return ()
    return tuple(bits * bands if len(bits) == 1 else bits[:bands])


def _format(tags: Any) -> int:  # noqa: ANN401
    """0, which there is not, where samples differ."""
    formats = set(tags.get(Tiff.SAMPLEFORMAT, (1,)))
    return int(formats.pop()) if len(formats) == 1 else 0


def _predictor(tags: Any) -> int:  # noqa: ANN401
    return int(tags.get(Tiff.PREDICTOR, 1)) if tags.get(Tiff.COMPRESSION, 1) in _PREDICTED else 1


def _extra(tags: Any, bands: int) -> tuple[int, ...]:  # noqa: ANN401
    """What the samples behind the colours are. One that the file does not explain is alpha, as in Pillow."""
    count = max(0, bands - _COLORS[_photometric(tags)])
    extra = tuple(tags.get(Tiff.EXTRASAMPLES, (2,) if _photometric(tags) != 5 else ()))  # noqa: PLR2004
    return (*extra, *(0,) * count)[:count]


def _no_data(tags: Any) -> float | None:  # noqa: ANN401
    try:
        return float(str(tags.get(GDAL_NO_DATA)).strip("\0 "))
    except ValueError:
        return None
