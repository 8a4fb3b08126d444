"""BMP: channel masks of any width and alpha, of which Pillow knows a few layouts only."""

import struct
from dataclasses import dataclass
from typing import Any, Self

from PIL import BmpImagePlugin

from core.errors import UnsupportedImageFeature
from imaging import native

_BITFIELDS, _ALPHABITFIELDS = 3, 6
_COMPRESSIONS = {4: "JPEG", 5: "PNG", 11: "CMYK", 12: "CMYK RLE8", 13: "CMYK RLE4"}
_OS2_COMPRESSIONS = {3: "Huffman", 4: "RLE24"}
_NOT_READ = 2  # bits a pixel, as Windows CE wrote them
_INFO_HEADER, _ALPHA_HEADER, _OS2_HEADER = 40, 56, 64  # bytes of the second header
_FILE_HEADER = 14
# Pillow has its own decoders of these: (bits, red, green, blue, alpha).
_PILLOW_MASKS = {
    *((16, 0xF800, 0x7E0, 0x1F, 0), (16, 0x7C00, 0x3E0, 0x1F, 0), (32, 0, 0, 0, 0)),
    *((32, 0xFF0000, 0xFF00, 0xFF, 0), (32, 0xFF0000, 0xFF00, 0xFF, 0xFF000000)),
    *((32, 0xFF, 0xFF00, 0xFF0000, 0xFF000000), (32, 0xFF000000, 0xFF0000, 0xFF00, 0)),
}


@dataclass(frozen=True, slots=True)
class _Header:
    """What the two headers say. `height` is negative where the rows start at the top."""

    header_bytes: int
    pixels_at: int
    width: int
    height: int
    bits: int
    compression: int
    masks: tuple[int, int, int, int]  # red, green, blue, alpha

    @classmethod
    def read(cls, data: bytes) -> Self | None:
        """Return None for the older header of 12 bytes. Raises struct.error where the file ends too early."""
        pixels_at, header_bytes = struct.unpack_from("<II", data, 10)
        if header_bytes < _INFO_HEADER:
            return None
        width, height, _, bits, compression = struct.unpack_from("<iiHHI", data, _FILE_HEADER + 4)
        has_alpha = header_bytes >= _ALPHA_HEADER or compression == _ALPHABITFIELDS
        is_masked = compression in {_BITFIELDS, _ALPHABITFIELDS} and bits in {16, 32} and header_bytes != _OS2_HEADER
        masks = struct.unpack_from("<4I" if has_alpha else "<3I", data, 54) if is_masked else ()
        return cls(header_bytes, pixels_at, width, height, bits, compression, (*masks, 0, 0, 0, 0)[:4])

    @property
    def is_masked(self) -> bool:
        """Whether the pixels have masks that Pillow cannot read."""
        is_known = (self.bits, *self.masks) in _PILLOW_MASKS and self.compression == _BITFIELDS
        return any(self.masks) and not is_known

    def check(self) -> None:
        """Raise UnsupportedImageFeature for what neither Pillow nor we can decode."""
        names = _OS2_COMPRESSIONS if self.header_bytes == _OS2_HEADER else _COMPRESSIONS
        if self.compression in names:
            raise UnsupportedImageFeature(
                f"This BMP uses {names[self.compression]} compression, which is not supported."
            )
        if self.bits == _NOT_READ:
            raise UnsupportedImageFeature(f"This BMP has {self.bits} bits a pixel, which is not supported.")


class BmpFile(BmpImagePlugin.BmpImageFile):
    """A BMP as Pillow opens it, or with masks that it does not know, which are unpacked when it is loaded."""

    def _open(self) -> None:
        self._data: bytes = self.fp.getvalue()  # type: ignore[union-attr] # the decoder passes a BytesIO
        self._header: _Header | None = None
        header = _Header.read(self._data)
        if header and not header.is_masked:
            header.check()
        if not header or not header.is_masked:
            super()._open()
            return
        self._header = header
        self._size, self._mode = (header.width, abs(header.height)), "RGBA" if header.masks[3] else "RGB"

    def load(self) -> Any:  # noqa: ANN401 - as Pillow's
        """Raise ValueError for a file that is too short."""
        if self._header:
            header, self._header = self._header, None
            self.im = self._unpack(header)
        return super().load()

    def _unpack(self, header: _Header) -> Any:  # noqa: ANN401 - Pillow has no public name for it
        rows = memoryview(self._data)[header.pixels_at :]
        masks = header.masks[: 4 if header.masks[3] else 3]
        image = native.unpack_masks(rows, size=self.size, bits=header.bits, masks=masks, bottom_up=header.height > 0)
        image.load()
        return image.im
