"""The chunks of a PNG. PNG 3, section 5."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from imaging import native

GREY, GREY_ALPHA = 0, 4  # colour types

_SIGNATURE, _FRAME = 8, 12  # bytes; the latter are length, name and checksum of a chunk
_MOST_CHUNKS = 2**16
_DEPTH, _COLOR = 24, 25  # where the header has them
_IS_ANCILLARY = 0x20  # in the first letter of a name
_LENGTHS = {b"cICP": 4, b"sRGB": 1, b"gAMA": 4, b"cHRM": 32, b"pHYs": 9}  # bytes
_ANIMATION = {b"acTL", b"fcTL", b"fdAT"}  # ancillary by name, but the frames need them


@dataclass(frozen=True, slots=True)
class Chunk:
    name: bytes
    start: int
    end: int
    data: memoryview  # of the file

    @property
    def content(self) -> bytes:
        return bytes(self.data[self.start + 8 : self.end - 4])

    @property
    def is_whole(self) -> bool:
        """Whether its checksum is right."""
        (checksum,) = struct.unpack_from(">I", self.data, self.end - 4)
        return bool(native.crc32(self.data[self.start + 4 : self.end - 4]) == checksum)

    @property
    def is_usable(self) -> bool:
        """Whether it is also as long as its kind has to be."""
        length = self.end - self.start - _FRAME
        return self.is_whole and length == _LENGTHS.get(self.name, length)

    @property
    def is_animation(self) -> bool:
        return self.name in _ANIMATION

    @property
    def is_ancillary(self) -> bool:
        """Whether the image can do without it."""
        return bool(self.name[0] & _IS_ANCILLARY) and not self.is_animation


def read_size(data: bytes) -> tuple[int, int]:
    width, height = struct.unpack_from(">II", data, _SIGNATURE + 8)
    return width, height


def read_depth(data: bytes) -> int:
    """Bits a sample."""
    return data[_DEPTH]


def read_color_type(data: bytes) -> int:
    return data[_COLOR]


def read_chunks(data: bytes) -> Iterator[Chunk]:
    """Yield each chunk that is there to its end, at most 65,536."""
    start, view = _SIGNATURE, memoryview(data)
    for _ in range(_MOST_CHUNKS):
        if start + _FRAME > len(data):
            return
        length, name = struct.unpack_from(">I4s", data, start)
        end = start + _FRAME + length
        if end <= len(data):
            yield Chunk(name, start, end, view)
        start = end


def read_before_pixels(data: bytes) -> dict[bytes, bytes]:
    """Content by name of usable ancillary chunks before the pixels; the first of several counts, as in libpng."""
    found: dict[bytes, bytes] = {}
    for chunk in read_chunks(data):
        if chunk.name == b"IDAT":
            break
        if chunk.is_ancillary and chunk.is_usable:
            found.setdefault(chunk.name, chunk.content)
    return found


def make_chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", native.crc32(name + content))
