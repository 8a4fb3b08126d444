"""PNGs with a transparent colour of any depth, damaged ancillary chunks, and text that is too long."""

import struct
import zlib
from io import BytesIO

import pytest
from PIL import Image

from core.errors import InvalidImage
from tests.unit.imaging import animations, files
from tests.unit.imaging.codecs.cases import case, pixels, rendered
from tests.unit.imaging.codecs.pngs import END, GREY, RGB, broken, packed, png


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
    assert pixels(png(depth, GREY, [row], _transparent(key)))[0, :, 3].tolist() == alpha


@pytest.mark.parametrize("low", range(6))
def test_that_each_byte_of_a_color_counts(low: int) -> None:
    key = bytes([0x80, 0x40, 0x12, 0x34, 0xFF, 0xFF])
    other = bytes(value ^ (index == low) for index, value in enumerate(key))
    data = png(16, RGB, [key + other + key], _transparent(*struct.unpack(">3H", key)))
    row = pixels(data)[0]
    assert row[:, 3].tolist() == [0, 255, 0]
    assert row[1, :3].tolist() == list(other[::2])


def test_that_a_damaged_ancillary_chunk_is_left_out() -> None:
    assert pixels(case("png_badcrc_phys.png"))[0, 0].tolist() == [1, 2, 3, 255]


@pytest.mark.parametrize("name", [b"tRNS", b"gAMA", b"tEXt", b"iCCP", b"eXIf", b"prIv", b"tIME"])
@pytest.mark.parametrize("is_last", [False, True])
def test_that_any_ancillary_chunk_can_be_damaged(name: bytes, *, is_last: bool) -> None:
    data = png(8, GREY, [b"\x05\x06"])
    at = -12 if is_last else 33
    damaged = data[:at] + broken(files.chunk(name, b"\0\5garbage")) + data[at:]
    assert pixels(damaged)[0].tolist() == [[5, 5, 5, 255], [6, 6, 6, 255]]


def test_that_a_damaged_header_is_not_left_out() -> None:
    data = png(8, GREY, [b"\x05\x06"])
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
    data, at = png(8, GREY, [b"\x05\x06"]), -12 if after else 33
    assert pixels(data[:at] + files.chunk(kind[:4].encode(), content) + data[at:])[0, 0].tolist() == [5, 5, 5, 255]


@pytest.mark.parametrize("name", [b"gAMA", b"cHRM", b"sRGB", b"pHYs", b"cICP"])
def test_that_an_ancillary_chunk_of_a_wrong_length_is_left_out(name: bytes) -> None:
    assert pixels(png(8, GREY, [b"\x05\x06"], files.chunk(name, b"\0\1")))[0, 1].tolist() == [6, 6, 6, 255]


@pytest.mark.parametrize("count", [1, 3])
def test_that_a_wrong_checksum_of_pixels_is_an_error(count: int) -> None:
    """Although the pixels may be right: libpng stops there, and browsers with it."""
    data = png(8, GREY, [b"\x05\x06"])
    start, end = data.index(b"IDAT") - 4, data.index(END)
    content = data[start + 8 : end - 4]
    parts = [files.chunk(b"IDAT", content[index : index + 1]) for index in range(count - 1)]
    whole = b"".join([*parts, files.chunk(b"IDAT", content[count - 1 :])])
    assert pixels(data[:start] + whole + data[end:])[0, 0, 0] == 5
    with pytest.raises(InvalidImage, match="checksum of its pixels"):
        pixels(data[:start] + broken(whole) + data[end:])


def _control(number: int, **fields: int) -> bytes:
    """Of a frame of 2 x 1 pixels."""
    width, height, left, top, disposal, blend = (
        fields.get(name, default)
        for name, default in {"width": 2, "height": 1, "left": 0, "top": 0, "disposal": 0, "blend": 0}.items()
    )
    values = struct.pack(">5IHHBB", number, width, height, left, top, 1, 10, disposal, blend)
    return files.chunk(b"fcTL", values)


def _data(number: int, row: bytes = b"\x63\x63") -> bytes:
    return files.chunk(b"fdAT", struct.pack(">I", number) + packed(row))


def _animation(*after: bytes, first: bytes | None = None, frames: int = 2) -> bytes:
    control = files.chunk(b"acTL", struct.pack(">II", frames, 0))
    before = _control(0) if first is None else first
    return png(8, GREY, [b"\x05\x06"], control, before, after=b"".join(after))


def _seen(data: bytes) -> list[list[int]]:
    shown, _ = animations.seen(rendered(data))
    return [frame[0, :, 0].astype(int).tolist() for frame in shown]


def test_that_a_sound_animation_is_shown() -> None:
    assert _seen(_animation(_control(1), _data(2))) == [[5, 6], [99, 99]]
    assert _seen(_animation(_control(1, width=1, left=1), _data(2, b"\x63"))) == [[5, 6], [5, 99]]
    assert _seen(_animation(_control(0), _data(1), _control(2), _data(3, b"\1\2"), first=b"")) == [[99, 99], [1, 2]]


BROKEN = {
    "no data": _animation(_control(1)),
    "no control": _animation(_data(1)),
    "too few frames": _animation(_control(1), _data(2), frames=3),
    "no frames": _animation(frames=0),
    "numbers with a gap": _animation(_control(1), _data(3)),
    "numbers twice": _animation(_control(0), _data(1)),
    "numbers swapped": _animation(_control(2), _data(1)),
    "two controls": _animation(_control(1), _control(2), _data(3), frames=3),
    "beyond the image": _animation(_control(1, left=1), _data(2)),
    "empty": _animation(_control(1, width=0), _data(2)),
    "an unknown disposal": _animation(_control(1, disposal=3), _data(2)),
    "an unknown blend": _animation(_control(1, blend=2), _data(2)),
    "a first frame that is smaller": _animation(_control(1), _data(2), first=_control(0, width=1)),
    "a broken control": _animation(broken(_control(1)), _data(2)),
    "broken data": _animation(_control(1), broken(_data(2))),
    "a short control": _animation(files.chunk(b"fcTL", bytes(9)), _data(2)),
    "a control before the pixels twice": _animation(_data(2), first=_control(0) + _control(1)),
    "only data": png(8, GREY, [b"\x05\x06"], after=_data(0)),
    "a late start": png(8, GREY, [b"\x05\x06"], after=files.chunk(b"acTL", bytes([0, 0, 0, 1, 0, 0, 0, 0]))),
}


@pytest.mark.parametrize("name", BROKEN)
def test_that_of_a_broken_animation_the_image_is_shown(name: str) -> None:
    assert _seen(BROKEN[name]) == [[5, 6]]
