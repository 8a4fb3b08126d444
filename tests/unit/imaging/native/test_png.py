"""PNGs whose rows libdeflate compresses and inflates: nothing is lost, and what is odd is left to Pillow."""

import struct
import subprocess
import sys
import zlib
from collections.abc import Iterator
from io import BytesIO
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from core.errors import InvalidImage
from imaging import native
from imaging.codecs.decoder import decode, open_image
from imaging.codecs.encoder import encode
from imaging.codecs.frames import FrameSequence
from imaging.codecs.output_options import OutputOptions
from imaging.limits import Limits
from imaging.memory import PIXELS_AT_ONCE
from imaging.pipeline.parse import parse_output_options
from tests.unit.imaging import animations
from tests.unit.imaging.animations import DURATIONS, difference, frames, seen
from tests.unit.imaging.images import MODES, array, canvas

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_FIRST, _LAST = 33, -12  # where chunks may stand
_PHOTOGRAPH = Path("examples/pictures/astronaut.jpg")
_COLOR_TYPES = {0: (1, (1, 2, 4, 8, 16)), 2: (3, (8, 16)), 3: (1, (1, 2, 4, 8)), 4: (2, (8, 16)), 6: (4, (8, 16))}
_KINDS = [(color, depth) for color, (_, depths) in _COLOR_TYPES.items() for depth in depths]


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def _png(
    color: int, depth: int, *, size: tuple[int, int] = (23, 17), rows: bytes | None = None, pieces: int = 1
) -> bytes:
    """`rows`, or random ones, each with a random filter: written without Pillow."""
    width, height = size
    if rows is None:
        random = np.random.default_rng(7)
        line_bytes = (width * depth * _COLOR_TYPES[color][0] + 7) // 8
        lines = [bytes([random.integers(5)]) + random.bytes(line_bytes) for _ in range(height)]
        rows = zlib.compress(b"".join(lines))
    header = _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, 0))
    palette = _chunk(b"PLTE", bytes(range(256)) * 3) if color == 3 else b""
    step = -(-len(rows) // pieces)
    parts = [_chunk(b"IDAT", rows[start : start + step]) for start in range(0, len(rows), step)]
    return _SIGNATURE + header + palette + b"".join(parts) + _chunk(b"IEND", b"")


def _with(data: bytes, chunk: bytes, *, at: int) -> bytes:
    return data[:at] + chunk + data[at:]


def _by_pillow(data: bytes) -> Image.Image:
    image = Image.open(BytesIO(data))
    image.load()
    return image


def _encode(image: Image.Image, **options: Any) -> bytes:  # noqa: ANN401 - as they come from JSON
    return encode(FrameSequence(images=(image,)), "png", parse_output_options(options)).data


def _photograph(mode: str) -> Image.Image:
    with Image.open(_PHOTOGRAPH) as image:
        return image.convert(mode)


@pytest.mark.parametrize(("color", "depth"), _KINDS)
@pytest.mark.parametrize("pieces", [1, 3])
def test_that_an_inflated_png_shows_the_same(color: int, depth: int, pieces: int) -> None:
    data = _png(color, depth, pieces=pieces)
    plain = native.inflate_png(data, (23, 17))
    assert plain
    expected, shown = _by_pillow(data), _by_pillow(plain)
    assert shown.mode == expected.mode
    assert shown.tobytes() == expected.tobytes()
    assert shown.getpalette() == expected.getpalette()


@pytest.mark.parametrize("size", [(1, 1), (21845, 1), (21846, 2), (300, 400)])
def test_that_rows_of_any_length_are_stored(size: tuple[int, int]) -> None:
    data = _png(2, 8, size=size)
    assert _by_pillow(native.inflate_png(data, size) or b"").tobytes() == _by_pillow(data).tobytes()


def test_that_what_stands_around_the_rows_stays() -> None:
    before, after = _chunk(b"gAMA", struct.pack(">I", 45455)), _chunk(b"tEXt", b"Comment\0behind")
    plain = native.inflate_png(_with(_with(_png(2, 8), after, at=_LAST), before, at=_FIRST), (23, 17))
    assert plain
    assert plain.count(before) == plain.count(after) == 1
    assert _by_pillow(plain).info["Comment"] == "behind"


def _odd() -> Iterator[tuple[str, bytes]]:
    whole, in_two = _png(2, 8), _png(2, 8, pieces=2)
    packed = zlib.compress(bytes(17 * 70))
    yield "interlaced", whole[:28] + b"\x01" + whole[29:]
    yield "an animation", _with(whole, _chunk(b"acTL", struct.pack(">II", 1, 0)), at=_FIRST)
    yield "text between rows", _with(in_two, _chunk(b"tEXt", b"a\0b"), at=in_two.rindex(b"IDAT") - 4)
    yield "of another size", _png(2, 8, size=(24, 17))
    yield "without rows", _SIGNATURE + whole[8:33] + _chunk(b"IEND", b"")
    yield "more than its rows", _png(2, 8, rows=zlib.compress(bytes(17 * 70 + 1)))
    yield "less than its rows", _png(2, 8, rows=zlib.compress(bytes(70)), pieces=2)
    yield "blocks that hold nothing", _png(2, 8, rows=b"\x78\x01" + b"\0\0\0\xff\xff" * 20_000 + packed[2:])
    yield "a wrong checksum", _png(2, 8, rows=packed[:-1] + bytes([packed[-1] ^ 1]))
    yield "cut short", whole[: len(whole) // 2]
    yield "a length beyond its end", whole[:33] + b"\xff\xff\xff\xff" + whole[37:]
    yield "an unknown kind of colours", whole[:25] + b"\x05" + whole[26:]
    yield "very many chunks", _with(whole, _chunk(b"tEXt", b"") * 2**16, at=_FIRST)


@pytest.mark.parametrize("data", [pytest.param(data, id=name) for name, data in _odd()])
def test_that_what_is_odd_is_left_to_pillow(data: bytes) -> None:
    assert native.inflate_png(data, (23, 17)) is None


def test_that_a_large_one_is_left_to_pillow() -> None:
    size = (PIXELS_AT_ONCE // 4096 + 1, 4096)
    assert native.inflate_png(_png(0, 1, size=size), size) is None


def test_that_a_damaged_png_is_rejected_as_ever() -> None:
    whole = _png(2, 8, size=(200, 200))
    with pytest.raises(InvalidImage):
        decode(whole[: len(whole) // 2], limits=Limits(), auto_orient=True)


def test_that_half_a_row_is_rejected_as_ever() -> None:
    with pytest.raises(InvalidImage):
        decode(_png(2, 8, rows=zlib.compress(bytes(75))), limits=Limits(), auto_orient=True)


@pytest.mark.parametrize(("mode", "effort"), [*product(MODES, [None, 1, 5, 10])])
def test_that_no_effort_loses_anything(mode: str, effort: int | None) -> None:
    options = {} if effort is None else {"effort": effort}
    for image in (_photograph(mode), canvas(mode, (1, 1)), Image.new(mode, (300, 200))):
        written = _by_pillow(_encode(image, **options)).convert("RGBA")
        np.testing.assert_array_equal(array(written), array(image.convert("RGBA")))


def test_that_effort_saves_bytes() -> None:
    photograph = _photograph("RGB")
    quick, usual, thorough = (len(_encode(photograph, **each)) for each in ({"effort": 1}, {}, {"effort": 10}))
    assert thorough < quick == usual


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_that_photographs_are_smaller_than_with_run_lengths(mode: str) -> None:
    image, file = _photograph(mode), BytesIO()
    image.save(file, "PNG", compress_level=1, compress_type=zlib.Z_RLE)
    assert len(_encode(image)) < 1.02 * len(file.getvalue())


def test_that_a_drawing_is_small() -> None:
    """Taking rows from each other would make stripes of one pixel larger, and a slope smaller."""
    random, slope = np.random.default_rng(7), np.arange(256, dtype=np.uint8)
    letters = random.choice(np.array([0, 255], np.uint8), (200, 10, 1)).repeat(20, 1)[random.integers(200, size=400)]
    for values in (letters, np.broadcast_to(slope[:, None, None], (256, 256, 1))):
        image, file = Image.fromarray(np.broadcast_to(values, (*values.shape[:2], 3)).copy()), BytesIO()
        image.save(file, "PNG", compress_level=6)
        assert len(_encode(image)) < 1.1 * len(file.getvalue())


def test_that_a_compressor_without_memory_is_an_error_and_no_crash() -> None:
    """In a process of its own, which a write to nowhere would end."""
    command = [sys.executable, "-c", _SHORT_OF_MEMORY]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - fixed words
    assert (done.returncode, done.stdout) == (0, "MemoryError\n")


_SHORT_OF_MEMORY = """
import resource
from PIL import Image
from imaging import native
image = Image.new("RGB", (10, 10))
native.deflate_png(image, level=1, is_drawing=False)
held = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (held + 100_000,) * 2)
try:
    native.deflate_png(image, level=9, is_drawing=True)
except MemoryError:
    print("MemoryError")
"""


def test_that_a_large_image_is_written_by_pillow() -> None:
    image = Image.new("L", (PIXELS_AT_ONCE // 4096 + 1, 4096))
    assert _by_pillow(_encode(image)).size == image.size


def test_that_icons_and_plain_pngs_are_as_pillow_writes_them() -> None:
    """Which asks for its compressor by the same name, with options of its own."""
    image, file = canvas("RGBA", (40, 30)), BytesIO()
    image.save(file, "PNG", optimize=True)
    np.testing.assert_array_equal(array(_by_pillow(file.getvalue())), array(image))
    assert file.getvalue().count(b"IDAT") == 1
    icon = encode(FrameSequence(images=(image,)), "ico", OutputOptions()).data
    assert _by_pillow(icon).size == (40, 40)


def test_that_animations_are_read_and_written() -> None:
    data = animations.encode("PNG", frames())
    read = tuple(frame.image for frame in open_image(data, limits=Limits()).decode(all_frames=True))
    sequence = FrameSequence(images=read, durations_ms=tuple(map(float, DURATIONS)))
    shown, durations = seen(encode(sequence, "png", OutputOptions()).data)
    assert durations == DURATIONS
    assert difference(shown, seen(data)[0]) == 0
