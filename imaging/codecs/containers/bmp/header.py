"""The headers of a BMP: Windows 3 to 5 and CE, and OS/2 2."""

import struct
from dataclasses import dataclass
from typing import Self

from core.errors import UnsupportedImageFeature

_BITFIELDS, _ALPHABITFIELDS = 3, 6
_COMPRESSIONS = {4: "JPEG", 5: "PNG", 11: "CMYK", 12: "CMYK RLE8", 13: "CMYK RLE4"}
_OS2_COMPRESSIONS = {3: "Huffman"}
_RLE = {(1, 8): 8, (2, 4): 4}  # bits a pixel by compression and bits
_OS2_RLE = {(4, 24): 24}
_SHORT_HEADER, _INFO_HEADER, _ALPHA_HEADER, _V5_HEADER = 16, 40, 56, 124  # bytes of the second header
_WINDOWS_HEADERS = {40, 52, 56, 108, 124}
_FILE_HEADER = 14
_PROFILE_EMBEDDED = b"DEBM"  # the characters of a little-endian number
# Pillow has its own decoders of these: (bits, red, green, blue, alpha).
_PILLOW_MASKS = {
    *((16, 0xF800, 0x7E0, 0x1F, 0), (16, 0x7C00, 0x3E0, 0x1F, 0), (32, 0, 0, 0, 0)),
    *((32, 0xFF0000, 0xFF00, 0xFF, 0), (32, 0xFF0000, 0xFF00, 0xFF, 0xFF000000)),
    *((32, 0xFF, 0xFF00, 0xFF0000, 0xFF000000), (32, 0xFF000000, 0xFF0000, 0xFF00, 0)),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class BmpHeader:
    """What both headers say. `height` is negative where the rows start at the top."""

    header_bytes: int
    pixels_at: int
    width: int
    height: int
    bits: int  # a pixel
    compression: int
    colors: int  # in the palette
    masks: tuple[int, int, int, int]  # red, green, blue, alpha
    profile: bytes  # an embedded ICC profile

    @classmethod
    def read(cls, data: bytes) -> Self | None:
        """Return None for the oldest header of 12 bytes. Raises struct.error where the file ends too early."""
        pixels_at, header_bytes = struct.unpack_from("<II", data, 10)
        if header_bytes < _SHORT_HEADER:
            return None
        # OS/2 leaves out the end of a header, which is zero.
        fields = data[_FILE_HEADER + 4 : _FILE_HEADER + header_bytes].ljust(_INFO_HEADER - 4, b"\0")
        width, height, _, bits, compression, _, _, _, colors, _ = struct.unpack_from("<iiHHIIiiII", fields)
        return cls(
            header_bytes=header_bytes,
            pixels_at=pixels_at,
            width=width,
            height=height,
            bits=bits,
            compression=compression,
            colors=colors or 1 << min(bits, 8),
            masks=_read_masks(data, header_bytes, compression, bits),
            profile=_read_profile(data) if header_bytes >= _V5_HEADER else b"",
        )

    @property
    def palette_at(self) -> int:
        return _FILE_HEADER + self.header_bytes

    @property
    def is_os2(self) -> bool:
        return self.header_bytes not in _WINDOWS_HEADERS

    @property
    def has_own_masks(self) -> bool:
        """Whether the pixels have masks that Pillow cannot read."""
        is_known = (self.bits, *self.masks) in _PILLOW_MASKS and self.compression == _BITFIELDS
        return any(self.masks) and not is_known

    @property
    def rle_bits(self) -> int | None:
        """Bits a pixel of runs; None where it has none."""
        return (_RLE | (_OS2_RLE if self.is_os2 else {})).get((self.compression, self.bits))

    @property
    def has_odd_palette(self) -> bool:
        """Whether it has more colours than its pixels can name."""
        return self.bits <= 8 and self.colors > 1 << self.bits  # noqa: PLR2004 - of a byte

    @property
    def is_short(self) -> bool:
        """Whether it is of OS/2, of a length that Pillow does not know."""
        return self.is_os2 and self.header_bytes != 64  # noqa: PLR2004 - bytes

    def check(self) -> None:
        """Raise UnsupportedImageFeature for what neither Pillow nor we can decode."""
        names = _OS2_COMPRESSIONS if self.is_os2 else _COMPRESSIONS
        if self.compression in names:
            raise UnsupportedImageFeature(
                f"This BMP uses {names[self.compression]} compression, which is not supported."
            )


def _read_masks(data: bytes, header_bytes: int, compression: int, bits: int) -> tuple[int, int, int, int]:
    has_alpha = header_bytes >= _ALPHA_HEADER or compression == _ALPHABITFIELDS
    is_masked = compression in {_BITFIELDS, _ALPHABITFIELDS} and bits in {16, 32} and header_bytes in _WINDOWS_HEADERS
    found = struct.unpack_from("<4I" if has_alpha else "<3I", data, 54) if is_masked else ()
    red, green, blue, alpha = (*found, 0, 0, 0, 0)[:4]
    return red, green, blue, alpha


def _read_profile(data: bytes) -> bytes:
    """What the fifth header has behind the pixels."""
    start, length = struct.unpack_from("<II", data, _FILE_HEADER + 112)
    is_embedded = data[_FILE_HEADER + 56 : _FILE_HEADER + 60] == _PROFILE_EMBEDDED
    return data[_FILE_HEADER + start : _FILE_HEADER + start + length] if is_embedded else b""
