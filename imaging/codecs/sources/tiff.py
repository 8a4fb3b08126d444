"""TIFF: samples of any width and kind, and the image of full resolution where there are several."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any

from PIL import ExifTags, Image, ImagePalette
from PIL import TiffImagePlugin as Tiff

from core.errors import UnsupportedImageFeature
from imaging import native
from imaging.codecs.containers.tiff.directory import read_layout
from imaging.codecs.containers.tiff.planes import plane_directory
from imaging.codecs.containers.tiff.support import check_not_raw, check_supported, is_reduced
from imaging.codecs.source import BytePair, SourceImage
from imaging.codecs.source_info import SourceInfo
from imaging.orientation import FROM_EXIF, IDENTITY, Orientation
from imaging.samples import SampleLayout

_MOST_DIRECTORIES = 32  # that are looked at for the full image
_DEEP = 16  # bits a sample
_NO_MEMORY = -9  # of Pillow's decoders
_SIDEWAYS = (5, 6, 7, 8)  # orientations


class TiffFile(Tiff.TiffImageFile):
    """A TIFF as Pillow opens it, or with samples that it would misread, which are scaled when it is loaded."""

    def _open(self) -> None:
        self._layout: SampleLayout | None = None
        self._alpha: Image.Image | None = None
        self._is_chosen = False
        super()._open()
        frame = self._find_full_resolution()
        self._is_chosen = True
        self._seek(frame)

    def _find_full_resolution(self) -> int:
        """Return the first that does not call itself a thumbnail or mask; the very first if all do.

        Raises UnsupportedImageFeature for a raw photograph, whose first image may be a preview.
        """
        full = [index for index in self._main_directories() if not is_reduced(self.tag_v2)]
        self._seek(0)
        check_not_raw(self.tag_v2, self._bytes)
        for index in self._subdirectories():
            check_not_raw(self.tag_v2, self._bytes)
            full += [] if is_reduced(self.tag_v2) else [index]
        return (*full, 0)[0]

    def _main_directories(self) -> Iterator[int]:
        """Seek each of them, to the first of full resolution."""
        for index in range(_MOST_DIRECTORIES):
            if not self._has(index):
                return
            yield index
            if not is_reduced(self.tag_v2):
                return

    def _subdirectories(self) -> Iterator[int]:
        """Seek each of those that the first has."""
        offsets = self.tag_v2.get(Tiff.SUBIFD, ())
        for offset in (offsets if isinstance(offsets, tuple) else (offsets,))[:_MOST_DIRECTORIES]:
            self._frame_pos.append(offset)
            self._tag_data_limits.append(self._tag_data_remaining)
            index = len(self._frame_pos) - 1
            if self._has(index):
                yield index

    @property
    def _bytes(self) -> bytes:
        return self.fp.getvalue()  # type: ignore[union-attr,no-any-return] # the decoder passes a BytesIO

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
        self._mode, self._tile_size = "CMYK" if layout.mode == "CMYKA" else layout.mode, layout.size
        is_sideways = self.tag_v2.get(ExifTags.Base.Orientation) in _SIDEWAYS
        self._size = layout.size[::-1] if is_sideways else layout.size
        self.palette, self.tile, self.use_load_libtiff = None, [], True
        if Tiff.ICCPROFILE in self.tag_v2:
            self.info["icc_profile"] = self.tag_v2[Tiff.ICCPROFILE]

    @property
    def has_words(self) -> bool:
        """Whether samples of 16 bits can be had."""
        layout = self._layout
        return layout is not None and layout.bits == _DEEP and layout.kind == "uint" and layout.can_be_words

    def load(self) -> Any:  # noqa: ANN401 - as Pillow's
        """Raise OSError or ValueError for what is damaged."""
        if self._layout is not None:
            layout, self._layout = self._layout, None
            image, self._alpha = native.scale_samples(partial(self._read_plane, layout), layout)
            self._set_image(image)
        return super().load()

    def load_words(self) -> tuple[Image.Image, Image.Image]:
        """The high and low bytes of samples of 16 bits, upright as `load` leaves the image. Raises as that does."""
        assert self._layout is not None  # noqa: S101 - has_words
        layout, self._layout = self._layout, None
        high, low = native.scale_to_words(partial(self._read_plane, layout), layout)
        upright = self._orientation.apply(low)
        self._set_image(high)
        return self, upright

    def _set_image(self, image: Image.Image) -> None:
        if self._alpha:
            self._alpha = self._orientation.apply(self._alpha)
        image.load()
        self.im = image.im
        self.load_end()

    @property
    def _orientation(self) -> Orientation:
        return FROM_EXIF.get(self.tag_v2.get(ExifTags.Base.Orientation), IDENTITY)

    def add_alpha(self, image: Image.Image) -> Image.Image:
        """With the alpha of CMYK, which Pillow has no mode for."""
        if self._alpha:
            image.putalpha(self._alpha)
        return image

    def _read_plane(self, layout: SampleLayout, index: int) -> Image.Image:
        """Have libtiff decompress it as if each byte were a grey pixel, so that no sample is interpreted."""
        data = self._bytes
        plane = Image.new("L", (layout.row_bytes, layout.size[1]))
        start = len(data) + len(data) % 2
        directory = plane_directory(self.tag_v2, layout, index, start=start)
        decoder = Image._getdecoder("L", "libtiff", ("L", False, start), ())  # noqa: SLF001 - no public name
        decoder.setimage(plane.im, (0, 0, *plane.size))
        _, error = decoder.decode(b"".join([data, bytes(start - len(data)), directory]))
        if error == _NO_MEMORY:
            raise MemoryError
        if error < 0:
            message = f"libtiff cannot decode it: {error}"
            raise OSError(message)
        return plane


class TiffSource(SourceImage):
    """Keeps all bits of a sample, and the alpha of CMYK."""

    file: TiffFile

    def _describe(self, name: str) -> SourceInfo:
        return replace(super()._describe(name), has_words=self.file.has_words)

    def _load_words(self) -> BytePair:
        return self.file.load_words()

    def _to_srgb(self, image: Image.Image) -> Image.Image:
        return self.file.add_alpha(super()._to_srgb(image))
