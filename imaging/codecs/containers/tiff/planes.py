"""Describes a plane of samples to libtiff as an image of grey bytes, so that no sample is interpreted."""

from typing import Any

from PIL import TiffImagePlugin as Tiff

from imaging.codecs.containers.tiff.directory import pack_directory
from imaging.samples import SampleLayout

_COPIED_TAGS = (Tiff.COMPRESSION, Tiff.FILLORDER, Tiff.TILELENGTH)
_SEGMENT_TAGS = (Tiff.STRIPOFFSETS, Tiff.STRIPBYTECOUNTS, Tiff.TILEOFFSETS, Tiff.TILEBYTECOUNTS)


def plane_directory(tags: Any, layout: SampleLayout, index: int, *, start: int) -> bytes:  # noqa: ANN401 - Pillow's directory
    """Pack the directory of one plane, which begins at byte `start` of the file."""
    plane: dict[int, tuple[int, ...]] = {tag: (tags[tag],) for tag in _COPIED_TAGS if tag in tags}
    plane |= {tag: _of_plane(tags[tag], index, layout.planes) for tag in _SEGMENT_TAGS if tag in tags}
    plane |= {Tiff.IMAGEWIDTH: (layout.row_bytes,), Tiff.IMAGELENGTH: (layout.size[1],), Tiff.BITSPERSAMPLE: (8,)}
    plane |= {Tiff.PHOTOMETRIC_INTERPRETATION: (1,), Tiff.SAMPLESPERPIXEL: (1,)}
    # Pillow multiplies the rows before it compares them with the height: 2**32 - 1 stands for all.
    plane[Tiff.ROWSPERSTRIP] = (min(tags.get(Tiff.ROWSPERSTRIP, layout.size[1]), layout.size[1]),)
    if Tiff.TILEWIDTH in tags:
        plane[Tiff.TILEWIDTH] = (layout.segment_row_bytes,)
    return pack_directory(plane, start, ">" if layout.is_big_endian else "<", is_big=tags._bigtiff)  # noqa: SLF001 - no public name


def _of_plane(values: Any, index: int, planes: int) -> tuple[int, ...]:  # noqa: ANN401 - a tag's
    values = values if isinstance(values, tuple) else (values,)
    count = len(values) // planes
    return tuple(values[index * count : (index + 1) * count])
