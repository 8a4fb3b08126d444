"""Whether the frames of an animated PNG follow each other as PNG 3, sections 4.9 and 11.3.6, want it."""

import struct
from collections.abc import Sequence
from itertools import count, pairwise

from imaging.codecs.containers.png.chunks import Chunk

_CONTROL_BYTES, _FRAME_BYTES, _NUMBER_BYTES = 8, 26, 4  # of acTL and fcTL, and of the number in fdAT
_MOST_DISPOSAL, _MOST_BLEND = 2, 1


def is_sound(chunks: Sequence[Chunk], size: tuple[int, int]) -> bool:
    """Whether no frame is missing, out of order, damaged or beyond the image. `chunks` are all of the file.

    A file without an end is truncated, which decoding finds out.
    """
    if chunks[-1].name != b"IEND":
        return True
    animation = [chunk for chunk in chunks if chunk.is_animation]
    if not all(chunk.is_whole for chunk in animation):
        return False
    control, *frames = animation
    data = [chunk for chunk in chunks if chunk.name in {b"fcTL", b"fdAT", b"IDAT"}]
    return (
        _is_control(control, frames, chunks)
        and all(_is_numbered(chunk, number) for chunk, number in zip(frames, count(), strict=False))
        and all(_is_inside(chunk, size) for chunk in frames if chunk.name == b"fcTL")
        and _has_data(data, size)
    )


def _is_control(control: Chunk, frames: Sequence[Chunk], chunks: Sequence[Chunk]) -> bool:
    names = [chunk.name for chunk in chunks]
    if control.name != b"acTL" or len(control.content) != _CONTROL_BYTES or names.count(b"acTL") > 1:
        return False
    declared = int.from_bytes(control.content[:4])
    is_first = b"IDAT" in names and names.index(b"acTL") < names.index(b"IDAT")
    return is_first and 0 < declared <= sum(chunk.name == b"fcTL" for chunk in frames)


def _is_numbered(chunk: Chunk, number: int) -> bool:
    content = chunk.content
    is_long = len(content) == _FRAME_BYTES if chunk.name == b"fcTL" else len(content) > _NUMBER_BYTES
    return is_long and int.from_bytes(content[:_NUMBER_BYTES]) == number


def _is_inside(chunk: Chunk, size: tuple[int, int]) -> bool:
    _, width, height, left, top, _, _, disposal, blend = struct.unpack(">5IHHBB", chunk.content)
    is_known = disposal <= _MOST_DISPOSAL and blend <= _MOST_BLEND
    return bool(is_known and 0 < width <= size[0] - left and 0 < height <= size[1] - top)


def _covers(chunk: Chunk, size: tuple[int, int]) -> bool:
    return chunk.content[4:20] == struct.pack(">4I", *size, 0, 0)


def _has_data(chunks: Sequence[Chunk], size: tuple[int, int]) -> bool:
    """Whether pixels follow each fcTL, the image itself only the first, which is then as large as it."""
    names = [chunk.name for chunk in chunks]
    pixels = names.index(b"IDAT")
    if pixels and (pixels > 1 or not _covers(chunks[0], size)):
        return False
    after = {b"fcTL": {b"fdAT"}, b"fdAT": {b"fdAT", b"fcTL"}, b"IDAT": {b"IDAT", b"fcTL"}}
    return names[-1] != b"fcTL" and all(
        following in after[name] for name, following in pairwise(names[min(1, pixels) :])
    )
