"""BMP: channel masks of any width, runs, two bits a pixel and the headers of OS/2, of which Pillow knows some."""

from typing import Any

from PIL import BmpImagePlugin, Image

from imaging import native
from imaging.codecs.containers.bmp.header import BmpHeader
from imaging.codecs.containers.bmp.rle import RunDecoder

_TWO_BITS = 2
_UPWARDS, _DOWNWARDS = -1, 1
# Bits a pixel, as Pillow calls them: the mode, and how the bytes become it.
_RAW = {
    1: ("P", "P;1"),
    2: ("P", "P;2"),
    4: ("P", "P;4"),
    8: ("P", "P"),
    16: ("RGB", "BGR;15"),
    24: ("RGB", "BGR"),
    32: ("RGB", "BGRX"),
}


class BmpFile(BmpImagePlugin.BmpImageFile):
    """A BMP as Pillow opens it, or of a kind that it does not know, which is decoded when it is loaded."""

    def _open(self) -> None:
        self._data: bytes = self.fp.getvalue()  # type: ignore[union-attr] # the decoder passes a BytesIO
        self._header: BmpHeader | None = None
        header = BmpHeader.read(self._data)
        if header and not header.has_own_masks:
            header.check()
        if header and _is_ours(header):
            self._header = header
            self._size, self._mode = (header.width, abs(header.height)), _mode(header)
        else:
            super()._open()
        if header and header.profile:
            self.info["icc_profile"] = header.profile

    def load(self) -> Any:  # noqa: ANN401 - as Pillow's
        """Raise ValueError for a file that is too short."""
        if self._header:
            header, self._header = self._header, None
            image = self._decode(header)
            image.load()
            self.im, self._mode, self.palette = image.im, image.mode, image.palette
        return super().load()

    def _decode(self, header: BmpHeader) -> Image.Image:
        rows = memoryview(self._data)[header.pixels_at :]
        if header.has_own_masks:
            masks = header.masks[: 4 if header.masks[3] else 3]
            return native.unpack_masks(rows, size=self.size, bits=header.bits, masks=masks, bottom_up=header.height > 0)
        return self._decode_runs(header, bytes(rows)) if header.rle_bits else self._decode_rows(header, rows)

    def _decode_rows(self, header: BmpHeader, rows: memoryview) -> Image.Image:
        mode, rawmode = _RAW[header.bits]
        line_bytes = (header.width * header.bits + 31) // 32 * 4
        order = _UPWARDS if header.height > 0 else _DOWNWARDS
        image = Image.frombytes(mode, self.size, bytes(rows), "raw", rawmode, line_bytes, order)
        return self._with_palette(image, header)

    def _decode_runs(self, header: BmpHeader, data: bytes) -> Image.Image:
        """What no run names is transparent, as in browsers."""
        runs = RunDecoder(data, self.size, header.bits)
        runs.decode()
        mode, rawmode = ("RGB", "BGR") if header.bits == 24 else ("P", "P")  # noqa: PLR2004 - as in the format
        order = _UPWARDS if header.height > 0 else _DOWNWARDS
        image = Image.frombytes(mode, self.size, bytes(runs.pixels), "raw", rawmode, 0, order)
        image = self._with_palette(image, header)
        if 0 in runs.covered:
            image = image.convert("RGB")
            image.putalpha(Image.frombytes("L", self.size, bytes(runs.covered), "raw", "L", 0, order))
        return image

    def _with_palette(self, image: Image.Image, header: BmpHeader) -> Image.Image:
        """Colours that the palette lacks are black."""
        if image.mode == "P":
            end = min(header.pixels_at, header.palette_at + 4 * min(header.colors, 256))
            colors = self._data[header.palette_at : end]
            image.putpalette(colors[: len(colors) // 4 * 4].ljust(4 * 256, b"\0"), "BGRX")
        return image


def _is_ours(header: BmpHeader) -> bool:
    """Whether Pillow does not know this kind, or reads it wrongly."""
    if header.has_own_masks or header.rle_bits:
        return True
    is_odd = header.is_short or header.has_odd_palette or header.bits == _TWO_BITS
    return header.compression == 0 and header.bits in _RAW and is_odd


def _mode(header: BmpHeader) -> str:
    """Until it is loaded: runs may turn out to leave pixels out."""
    if header.has_own_masks:
        return "RGBA" if header.masks[3] else "RGB"
    return _RAW[header.bits][0]
