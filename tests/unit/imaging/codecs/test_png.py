"""PNGs with a transparent colour of any depth, damaged ancillary chunks, and text that is too long."""

import struct
import zlib
from io import BytesIO

import pytest
from PIL import Image

from core.errors import InvalidImage
from tests.unit.imaging import files
from tests.unit.imaging.codecs.cases import case, pixels, rendered

_GREY, _RGB = 0, 2


def _png(depth: int, color: int, rows: list[bytes], *chunks: bytes, interlaced: bool = False) -> bytes:
    samples = len(rows[0]) * 8 // depth // (3 if color == _RGB else 1)
    header = files.chunk(b"IHDR", struct.pack(">IIBBBBB", samples, len(rows), depth, color, 0, 0, interlaced))
    data = files.chunk(b"IDAT", zlib.compress(b"".join(b"\0" + row for row in rows)))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(chunks) + data + files.chunk(b"IEND", b"")


def _broken(chunk: bytes) -> bytes:
    return chunk[:-1] + bytes([chunk[-1] ^ 1])


def _transparent(*samples: int) -> bytes:
    return files.chunk(b"tRNS", struct.pack(f">{len(samples)}H", *samples))


def test_that_a_transparent_grey_of_four_bits_is_found() -> None:
    row = pixels(case("grey4_trns5.png"))[0]
    assert row[:, 0].tolist() == [0, 85, 170, 255]
    assert row[:, 3].tolist() == [255, 0, 255, 255]


def test_that_a_transparent_color_of_16_bits_is_found_exactly() -> None:
    assert pixels(case("rgb16_trns8040.png"))[0, :, 3].tolist() == [255, 0, 255]


@pytest.mark.parametrize(
    ("depth", "row", "key", "alpha"),
    [
        (1, b"\x5a", 1, [255, 0, 255, 0, 0, 255, 0, 255]),
        (2, b"\x1b", 2, [255, 255, 0, 255]),
        (2, b"\x1b", 0, [0, 255, 255, 255]),
        (2, b"\x1b", 0xFFFE, [255, 255, 0, 255]),  # only the two lowest bits count
        (4, b"\x5f\x0a", 15, [255, 0, 255, 255]),
        (8, b"\x05\x06", 5, [0, 255]),
        (8, b"\x05\x06", 0x105, [0, 255]),
        (16, b"\x12\x34\x12\x35\x13\x34", 0x1234, [0, 255, 255]),
        (16, b"\0\0\xff\xff", 0xFFFF, [255, 0]),
    ],
)
def test_that_a_transparent_grey_is_found_at_any_depth(depth: int, row: bytes, key: int, alpha: list[int]) -> None:
    assert pixels(_png(depth, _GREY, [row], _transparent(key)))[0, :, 3].tolist() == alpha


@pytest.mark.parametrize("low", range(6))
def test_that_each_byte_of_a_color_counts(low: int) -> None:
    key = bytes([0x80, 0x40, 0x12, 0x34, 0xFF, 0xFF])
    other = bytes(value ^ (index == low) for index, value in enumerate(key))
    data = _png(16, _RGB, [key + other + key], _transparent(*struct.unpack(">3H", key)))
    row = pixels(data)[0]
    assert row[:, 3].tolist() == [0, 255, 0]
    assert row[1, :3].tolist() == list(other[::2])


def test_that_a_damaged_ancillary_chunk_is_left_out() -> None:
    assert pixels(case("png_badcrc_phys.png"))[0, 0].tolist() == [1, 2, 3, 255]


@pytest.mark.parametrize("name", [b"tRNS", b"gAMA", b"tEXt", b"iCCP", b"eXIf", b"prIv", b"tIME"])
@pytest.mark.parametrize("is_last", [False, True])
def test_that_any_ancillary_chunk_can_be_damaged(name: bytes, *, is_last: bool) -> None:
    data = _png(8, _GREY, [b"\x05\x06"])
    at = -12 if is_last else 33
    broken = data[:at] + _broken(files.chunk(name, b"\0\5garbage")) + data[at:]
    assert pixels(broken)[0].tolist() == [[5, 5, 5, 255], [6, 6, 6, 255]]


def test_that_a_damaged_header_is_not_left_out() -> None:
    data = _png(8, _GREY, [b"\x05\x06"])
    with pytest.raises(InvalidImage):
        pixels(data[:32] + b"\0" + data[33:])


def test_that_text_beyond_the_cap_is_skipped() -> None:
    assert pixels(case("png_ztxt_3mib.png")).ndim == 3
    image = Image.open(BytesIO(rendered(case("png_ztxt_3mib.png"), metadata="keep")))
    assert "Comment" not in image.info


@pytest.mark.parametrize("kind", ["tEXt", "zTXt", "iTXt", "iTXt compressed", "iCCP"])
@pytest.mark.parametrize("after", [False, True])
def test_that_no_text_is_too_long(kind: str, *, after: bool) -> None:
    text = b"x" * 3 * 2**20
    content = {
        "tEXt": b"Comment\0" + text,
        "zTXt": b"Comment\0\0" + zlib.compress(text),
        "iTXt": b"Comment\0\0\0\0\0" + text,
        "iTXt compressed": b"Comment\0\1\0\0\0" + zlib.compress(text),
        "iCCP": b"icc\0\0" + zlib.compress(text),
    }[kind]
    data, at = _png(8, _GREY, [b"\x05\x06"]), -12 if after else 33
    assert pixels(data[:at] + files.chunk(kind[:4].encode(), content) + data[at:])[0, 0].tolist() == [5, 5, 5, 255]
