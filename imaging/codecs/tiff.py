"""TIFF: samples of any width and kind, and the image of full resolution where there are several."""

import struct
from contextlib import suppress
from functools import partial
from typing import Any

from PIL import ExifTags, Image, ImagePalette
from PIL import TiffImagePlugin as Tiff

from core.errors import UnsupportedImageFeature
from imaging import native
from imaging.codecs.containers.tiff_directory import check_supported, is_reduced, read_layout
from imaging.samples import SampleLayout

_MOST_DIRECTORIES = 32  # that are looked at for the full image
_NO_MEMORY = -9  # of Pillow's decoders
_SIDEWAYS = (5, 6, 7, 8)  # orientations
_LONG, _LONG8 = 4, 16  # types of a tag's values
_COPIED_TAGS = (Tiff.COMPRESSION, Tiff.FILLORDER, Tiff.TILELENGTH)
_SEGMENT_TAGS = (Tiff.STRIPOFFSETS, Tiff.STRIPBYTECOUNTS, Tiff.TILEOFFSETS, Tiff.TILEBYTECOUNTS)


class TiffFile(Tiff.TiffImageFile):
    """A TIFF as Pillow opens it, or with samples that Pillow would misread, which are scaled when it is loaded."""

    def _open(self) -> None:
        self._layout: SampleLayout | None = None
        self._is_chosen = False
        super()._open()
        frame = self._find_full_resolution()
        self._is_chosen = True
        self._seek(frame)

    def _find_full_resolution(self) -> int:
        """Return the first that does not call itself a thumbnail or mask; the very first if all do."""
        for index in range(_MOST_DIRECTORIES):
            if not self._has(index):
                break
            if not is_reduced(self.tag_v2):
                return index
        return self._find_in_subdirectories()

    def _find_in_subdirectories(self) -> int:
        self._seek(0)
        offsets = self.tag_v2.get(Tiff.SUBIFD, ())
        for offset in (offsets if isinstance(offsets, tuple) else (offsets,))[:_MOST_DIRECTORIES]:
            self._frame_pos.append(offset)
            self._tag_data_limits.append(self._tag_data_remaining)
            index = len(self._frame_pos) - 1
            if self._has(index) and not is_reduced(self.tag_v2):
                return index
        return 0

    def _has(self, index: int) -> bool:
        with suppress(Exception):  # a broken directory behind an image does not spoil it
            self._seek(index)
            return Tiff.IMAGEWIDTH in self.tag_v2
        return False

    def _setup(self) -> None:
        if not self._is_chosen:
            return
        check_supported(self.tag_v2)
        self._layout = read_layout(self.tag_v2)
        if self._layout is None:
            self._set_up_by_pillow()
        else:
            self._set_up_samples(self._layout)

    def _set_up_by_pillow(self) -> None:
        try:
            super()._setup()
        except SyntaxError as error:
            if str(error) == "unknown pixel mode":
                raise UnsupportedImageFeature("This TIFF has samples of a kind that is not supported.") from error
            raise
        self._widen_palette()

    def _widen_palette(self) -> None:
        """Some writers store 0..255 where the format has 0..65535; libtiff sees it by the greatest value too."""
        colors = self.tag_v2.get(Tiff.COLORMAP, ())
        if self.palette and max(colors, default=0) < 256:  # noqa: PLR2004 - a byte
            self.palette = ImagePalette.raw("RGB;L", bytes(colors))

    def _set_up_samples(self, layout: SampleLayout) -> None:
        self._mode, self._tile_size = layout.mode, layout.size
        is_sideways = self.tag_v2.get(ExifTags.Base.Orientation) in _SIDEWAYS
        self._size = layout.size[::-1] if is_sideways else layout.size
        self.palette, self.tile, self.use_load_libtiff = None, [], True
        if Tiff.ICCPROFILE in self.tag_v2:
            self.info["icc_profile"] = self.tag_v2[Tiff.ICCPROFILE]

    def load(self) -> Any:  # noqa: ANN401 - as Pillow's
        """Raise OSError or ValueError for what is damaged."""
        if self._layout is not None:
            layout, self._layout = self._layout, None
            image = native.scale_samples(partial(self._read_plane, layout), layout)
            image.load()
            self.im = image.im
            self.load_end()
        return super().load()

    def _read_plane(self, layout: SampleLayout, index: int) -> Image.Image:
        """Have libtiff decompress it as if each byte were a grey pixel, so that no sample is interpreted."""
        data: bytes = self.fp.getvalue()  # type: ignore[union-attr] # the decoder passes a BytesIO
        plane = Image.new("L", (layout.row_bytes, layout.size[1]))
        start = len(data) + len(data) % 2
        directory = self._bytes_directory(layout, index, start)
        decoder = Image._getdecoder("L", "libtiff", ("L", False, start), ())  # noqa: SLF001 - no public name
        decoder.setimage(plane.im, (0, 0, *plane.size))
        _, error = decoder.decode(b"".join([data, bytes(start - len(data)), directory]))
        if error == _NO_MEMORY:
            raise MemoryError
        if error < 0:
            message = f"libtiff cannot decode it: {error}"
            raise OSError(message)
        return plane

    def _bytes_directory(self, layout: SampleLayout, index: int, start: int) -> bytes:
        tags: dict[int, tuple[int, ...]] = {tag: (self.tag_v2[tag],) for tag in _COPIED_TAGS if tag in self.tag_v2}
        tags |= {tag: _of_plane(self.tag_v2[tag], index, layout.planes) for tag in _SEGMENT_TAGS if tag in self.tag_v2}
        tags |= {Tiff.IMAGEWIDTH: (layout.row_bytes,), Tiff.IMAGELENGTH: (layout.size[1],), Tiff.BITSPERSAMPLE: (8,)}
        tags |= {Tiff.PHOTOMETRIC_INTERPRETATION: (1,), Tiff.SAMPLESPERPIXEL: (1,)}
        # Pillow multiplies the rows before it compares them with the height: 2**32 - 1 stands for all.
        tags[Tiff.ROWSPERSTRIP] = (min(self.tag_v2.get(Tiff.ROWSPERSTRIP, layout.size[1]), layout.size[1]),)
        if Tiff.TILEWIDTH in self.tag_v2:
            tags[Tiff.TILEWIDTH] = (layout.segment_row_bytes,)
        return _pack_directory(tags, start, ">" if layout.is_big_endian else "<", is_big=self.tag_v2._bigtiff)  # noqa: SLF001


def _of_plane(values: Any, index: int, planes: int) -> tuple[int, ...]:  # noqa: ANN401 - a tag's
    values = values if isinstance(values, tuple) else (values,)
    count = len(values) // planes
    return tuple(values[index * count : (index + 1) * count])


def _pack_directory(tags: dict[int, tuple[int, ...]], start: int, order: str, *, is_big: bool) -> bytes:
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
