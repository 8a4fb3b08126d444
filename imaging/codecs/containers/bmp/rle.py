"""Runs of pixels in a BMP: RLE4 and RLE8 of Windows, RLE24 of OS/2."""

from dataclasses import dataclass, field

_END_OF_ROW, _END, _MOVE = 0, 1, 2
_OPAQUE = b"\xff"


@dataclass(slots=True)
class RunDecoder:
    """Decodes to one byte a pixel, or three; `covered` has 255 for each pixel that the runs name. Rows go upwards."""

    data: bytes
    size: tuple[int, int]
    bits: int  # a pixel: 4, 8 or 24
    pixels: bytearray = field(init=False)
    covered: bytearray = field(init=False)
    _x: int = 0
    _y: int = 0

    def decode(self) -> None:
        """Raises ValueError where the data end before the image and its last pixel."""
        width, height = self.size
        self.pixels, self.covered = bytearray(width * height * self._pixel_bytes), bytearray(width * height)
        position: int | None = 0
        while position is not None and self._y < height:
            if position + 2 > len(self.data):
                if 0 in self.covered:
                    raise ValueError("the runs end before the image")
                return
            position = self._decode_next(position)

    @property
    def _pixel_bytes(self) -> int:
        return 3 if self.bits == 24 else 1  # noqa: PLR2004 - as in the format

    def _decode_next(self, position: int) -> int | None:
        """Return where the next run starts; None at the end."""
        count, kind = self.data[position], self.data[position + 1]
        if count:
            end = position + 1 + self._pixel_bytes
            self._write(self._repeat(self.data[position + 1 : end], count), count)
            return end
        if kind == _END:
            return None
        if kind == _END_OF_ROW:
            self._x, self._y = 0, self._y + 1
            return position + 2
        if kind == _MOVE:
            across, up = (*self.data[position + 2 : position + 4], 0, 0)[:2]
            self._x, self._y = self._x + across, self._y + up
            return position + 4
        return self._copy(position + 2, kind)

    def _copy(self, position: int, count: int) -> int:
        length = (count * self.bits + 7) // 8
        self._write(self._unpack(self.data[position : position + length])[: count * self._pixel_bytes], count)
        return position + length + length % 2

    def _repeat(self, pixel: bytes, count: int) -> bytes:
        values = self._unpack(pixel)
        return (values * count)[: count * self._pixel_bytes]

    def _unpack(self, packed: bytes) -> bytes:
        if self.bits != 4:  # noqa: PLR2004 - as in the format
            return packed
        return bytes(value for byte in packed for value in (byte >> 4, byte & 15))

    def _write(self, values: bytes, count: int) -> None:
        """What reaches beyond the row is cut off."""
        own = self._pixel_bytes
        shown = max(0, min(count, self.size[0] - self._x, len(values) // own))
        start = self._y * self.size[0] + self._x
        self.pixels[start * own : (start + shown) * own] = values[: shown * own]
        self.covered[start : start + shown] = _OPAQUE * shown
        self._x += count
