"""The blocks of a GIF: what its frames are and where they stand. GIF89a, sections 18 to 23."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

_SCREEN = 13  # bytes of signature and screen descriptor
_EXTENSION, _IMAGE, _TRAILER = b"!", b",", b";"
_CONTROL = 0xF9
_HAS_TABLE, _IS_INTERLACED = 0x80, 0x40
_CONTROL_BYTES, _IMAGE_BYTES = 8, 10


@dataclass(frozen=True, slots=True, kw_only=True)
class GifFrame:
    """One frame; `box` is left, top, right, bottom on the screen, and may go beyond it."""

    box: tuple[int, int, int, int]
    disposal: int
    delay: int  # in hundredths of a second
    transparent: int | None  # an index
    table: bytes  # its own colours or the global ones; empty for neither
    is_interlaced: bool
    pixels: bytes  # compressed, in sub-blocks
    control: int  # where its graphic control extension starts; -1 without one
    start: int  # where its image descriptor starts
    end: int

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        left, top, right, bottom = self.box
        return right - left, bottom - top

    def as_file(self) -> bytes:
        """A GIF of this frame alone, at the corner of a screen of its size."""
        has_table = _HAS_TABLE | len(self.table).bit_length() - 3 if self.table else 0
        control = b"" if self.transparent is None else bytes([*b"!\xf9\x04\x01\0\0", self.transparent, 0])
        size = struct.pack("<HH", *self.size)
        descriptor = b",\0\0\0\0" + size + bytes([_IS_INTERLACED * self.is_interlaced])
        screen = b"GIF89a" + size + bytes([has_table, 0, 0])
        return b"".join([screen, self.table, control, descriptor, self.pixels, _TRAILER])


def read_screen(data: bytes) -> tuple[int, int]:
    """Width and height of the screen, which may be 0."""
    width, height = struct.unpack_from("<HH", data, 6)
    return width, height


def read_frames(data: bytes) -> Iterator[GifFrame]:
    """Yield one frame after the other. Raises struct.error or IndexError where one ends before its pixels."""
    table = _table(data, _SCREEN, data[10])
    position, control = _SCREEN + len(table), -1
    while (kind := data[position : position + 1]) and kind != _TRAILER:
        if kind == _IMAGE:
            frame = _read_frame(data, position, control, table)
            yield frame
            position, control = frame.end, -1
        elif kind == _EXTENSION:
            control = position if data[position + 1] == _CONTROL else control
            position = _skip_blocks(data, position + 2)
        else:
            position += 1  # as other readers do


def _read_frame(data: bytes, start: int, control: int, global_table: bytes) -> GifFrame:
    left, top, width, height, flags = struct.unpack_from("<HHHHB", data, start + 1)
    table = _table(data, start + _IMAGE_BYTES, flags)
    pixels = start + _IMAGE_BYTES + len(table)
    end = _skip_blocks(data, pixels + 1)
    packed, delay, index = struct.unpack_from("<BHB", data, control + 3) if control >= 0 else (0, 0, 0)
    return GifFrame(
        box=(left, top, left + width, top + height),
        disposal=packed >> 2 & 7,
        delay=delay,
        transparent=index if packed & 1 else None,
        table=table or global_table,
        is_interlaced=bool(flags & _IS_INTERLACED),
        pixels=data[pixels:end],
        control=control,
        start=start,
        end=end,
    )


def _table(data: bytes, start: int, flags: int) -> bytes:
    return data[start : start + (6 << (flags & 7))] if flags & _HAS_TABLE else b""


def _skip_blocks(data: bytes, position: int) -> int:
    """The end of the sub-blocks that start there, at most that of the file."""
    while position < len(data) and data[position]:
        position += 1 + data[position]
    return min(position + 1, len(data))
