"""What the directory (IFD) of a TIFF says of its pixels, and who can decode them."""

import struct
from collections.abc import Mapping
from typing import Any

from PIL import TiffImagePlugin as Tiff

from core.errors import ImageTooLarge, UnsupportedImageFeature
from imaging.memory import has_room_for_words
from imaging.samples import SampleKind, SampleLayout

_GDAL_NO_DATA = 42113
MOST_SAMPLE_BYTES = 2**29  # of one image before it is scaled to 8 bits
MOST_TILE_BYTES = 2**26  # of one, and of what tiles have beyond the image

# None, LZW, Deflate, PackBits, LZMA, Zstandard: libtiff returns the bytes that were written, whatever they stand for.
_LOSSLESS = {1, 5, 8, 32773, 32946, 34925, 50000}
_PREDICTED = _LOSSLESS - {1, 32773}  # libtiff ignores the predictor of the others
_COLORS = {0: 1, 1: 1, 2: 3, 5: 4, 8: 3}  # samples of a pixel by photometric interpretation
_CMYK, _LAB = 5, 8
_PHOTOMETRICS = {0: "grey", 1: "grey", 2: "RGB", 3: "palette", 4: "mask", 5: "CMYK", 6: "YCbCr", 8: "CIELab"}
_PHOTOMETRICS |= {9: "ICCLab", 10: "ITULab", 32844: "LogL", 32845: "LogLuv"}
_KINDS: Mapping[int, SampleKind] = {1: "uint", 2: "int", 3: "float", 4: "uint"}
_MOST_BANDS = 16
_WHOLE_BYTES = (8, 16, 32, 64)
_FLOAT_BITS = (16, 32, 64)
_LONG, _LONG8 = 4, 16  # types of a tag's values
_ALPHAS = (1, 2, 999)  # premultiplied, straight, and Corel Draw's


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
        is_lab=_photometric(tags) == _LAB,
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
    if photometric == _LAB and (kind == "float" or bits[0] not in {8, 16}):
        raise UnsupportedImageFeature(f"This TIFF stores {name} with {bits[0]} bits a sample, which is not supported.")
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
    """Whether Pillow does not know this kind, or reads it wrongly, or leaves out some of its bits."""
    extra, photometric = tags.get(Tiff.EXTRASAMPLES, ()), _photometric(tags)
    is_planar = len(bits) > 1 and tags.get(Tiff.PLANAR_CONFIGURATION, 1) == 2  # noqa: PLR2004 - as in the tag
    key = (tags.prefix, photometric, (_format(tags),), tags.get(Tiff.FILLORDER, 1), bits, extra)
    if key not in Tiff.OPEN_INFO or _format(tags) != 1 or bits[0] in {12, 32, 64}:
        return True
    if is_planar:
        return bits[0] != 8 or photometric == _LAB or (bool(extra) and not any(extra))  # noqa: PLR2004
    return bits[0] == 16 and (photometric == 0 or _keeps_all_bits(tags))  # noqa: PLR2004


def _keeps_all_bits(tags: Any) -> bool:  # noqa: ANN401
    """Whether there is memory for all of them. Pillow needs less: it decodes the upper eight bits."""
    size, bands = (tags[Tiff.IMAGEWIDTH], tags[Tiff.IMAGELENGTH]), tags.get(Tiff.SAMPLESPERPIXEL, 1)
    return has_room_for_words(size, bands) and tags.get(Tiff.COMPRESSION, 1) in _LOSSLESS


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
    extra = tuple(tags.get(Tiff.EXTRASAMPLES, (2,) if _photometric(tags) != _CMYK else ()))
    return (*extra, *(0,) * count)[:count]


def _no_data(tags: Any) -> float | None:  # noqa: ANN401
    try:
        return float(str(tags.get(_GDAL_NO_DATA)).strip("\0 "))
    except ValueError:
        return None


def pack_directory(tags: dict[int, tuple[int, ...]], start: int, order: str, *, is_big: bool) -> bytes:
    """Return a directory for the offset `start`, and behind it the values that are too long for it."""
    number, count, kind = ("Q", "Q", _LONG8) if is_big else ("I", "H", _LONG)
    size = struct.calcsize(number)
    entry = struct.calcsize(f"={'HH' + number}") + size
    behind = start + struct.calcsize(count) + entry * len(tags) + size
    entries, values = [], b""
    for tag, numbers in sorted(tags.items()):
        packed = struct.pack(f"{order}{len(numbers)}{number}", *numbers)
        inline = packed if len(packed) <= size else struct.pack(order + number, behind + len(values))
        values += packed if len(packed) > size else b""
        entries.append(struct.pack(f"{order}HH{number}", tag, kind, len(numbers)) + inline.ljust(size, b"\0"))
    return b"".join([struct.pack(order + count, len(tags)), *entries, bytes(size), values])
