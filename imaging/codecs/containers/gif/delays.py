"""Shows frames of a GIF for longer than the 655.35 seconds that one block can say."""

import struct
from collections.abc import Iterator, Sequence

from imaging.codecs.containers.gif.blocks import GifFrame, read_frames

LONGEST_MS = 655_350
_LONGEST = LONGEST_MS // 10
_KEEP = 1  # disposal
# One transparent pixel at the corner, which changes nothing: its palette index is 0, whatever colour that is.
_PAUSE = b"!\xf9\x04\x05%b\0\0,\0\0\0\0\1\0\1\0\0\x02\x02\x44\x01\0"


def extend_delays(data: bytes, delays: Sequence[int]) -> bytes:
    """The same GIF with a delay in hundredths for each of its frames, some of which become several."""
    parts, position = [], 0
    for frame, delay in zip(read_frames(data), delays, strict=True):
        if delay > _LONGEST:
            parts += [data[position : frame.control], *_extend(data, frame, delay)]
            position = frame.end
    return b"".join([*parts, data[position:]])


def _extend(data: bytes, frame: GifFrame, delay: int) -> Iterator[bytes]:
    """The frame, pauses, and the frame once more, with its own disposal."""
    pauses, rest = divmod(delay - 1, _LONGEST)
    yield _control(data, frame, _KEEP, _LONGEST) + data[frame.start : frame.end]
    for _ in range(pauses - 1):
        yield _PAUSE % struct.pack("<H", _LONGEST)
    yield _control(data, frame, frame.disposal, rest + 1) + data[frame.start : frame.end]


def _control(data: bytes, frame: GifFrame, disposal: int, delay: int) -> bytes:
    packed, index = data[frame.control + 3], data[frame.control + 6]
    return b"!\xf9\x04" + struct.pack("<BHBB", packed & 0b11100011 | disposal << 2, delay, index, 0)
