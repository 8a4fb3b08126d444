"""BMPs with channel masks: the values follow from the specification, a channel of n bits being scaled to 0..255."""

import struct
from pathlib import Path

import numpy as np
import pytest

from core.errors import ImageTooLarge, InvalidImage, UnsupportedImageFeature
from imaging.codecs.decoder import decode
from imaging.limits import Limits
from tests.unit.imaging import files
from tests.unit.imaging.images import array

CASES = Path(__file__).parents[1] / "cases"
BITFIELDS, ALPHABITFIELDS = 3, 6


def _bmp(  # noqa: PLR0913 - fields of the header
    rows: list[list[int]],
    bits: int,
    masks: tuple[int, ...],
    *,
    header: int = 124,
    compression: int = BITFIELDS,
    top_down: bool = False,
    size: tuple[int, int] | None = None,
) -> bytes:
    width, height = size or (len(rows[0]), len(rows))
    fields = struct.pack("<IiiHHIIiiII", header, width, -height if top_down else height, 1, bits, compression, *[0] * 5)
    info = (fields + struct.pack(f"<{len(masks)}I", *masks)).ljust(header, b"\0")
    lines = [struct.pack(f"<{len(row)}{'H' if bits == 16 else 'I'}", *row) for row in rows]
    pixels = b"".join(line.ljust((len(line) + 3) // 4 * 4, b"\0") for line in (lines if top_down else lines[::-1]))
    return b"BM" + struct.pack("<IHHI", 14 + len(info) + len(pixels), 0, 0, 14 + len(info)) + info + pixels


def _pixels(data: bytes) -> list[tuple[int, ...]]:
    image = decode(data, limits=Limits(), auto_orient=True)
    return [tuple(int(value) for value in pixel) for pixel in array(image).reshape(-1, len(image.getbands()))]


LAYOUTS: dict[str, tuple[int, tuple[int, ...], list[int], list[tuple[int, ...]]]] = {
    "4-4-4-4": (16, (0xF00, 0xF0, 0xF, 0xF000), [0xF123, 0x0FFF], [(17, 34, 51, 255), (255, 255, 255, 0)]),
    "4-4-4": (16, (0xF00, 0xF0, 0xF, 0), [0xF123, 0x0FFF], [(17, 34, 51), (255, 255, 255)]),
    "1-5-5-5": (16, (0x7C00, 0x3E0, 0x1F, 0x8000), [0x7C01, 0x83E0], [(255, 0, 8, 0), (0, 255, 0, 255)]),
    "5-6-4-1": (16, (0xF800, 0x7E0, 0x1E, 0x1), [0xF800, 0x001F], [(255, 0, 0, 0), (0, 0, 255, 255)]),
    "3-3-2": (16, (0xE0, 0x1C, 0x3, 0), [0x25, 0xFF], [(36, 36, 85), (255, 255, 255)]),
    "10-10-10-2": (
        32,
        (0x3FF00000, 0xFFC00, 0x3FF, 0xC0000000),
        [0x3FF00200, 0xC0080000, 0x40000000],
        [(255, 0, 128, 0), (0, 128, 0, 255), (0, 0, 0, 85)],
    ),
    "10-10-10": (32, (0x3FF00000, 0xFFC00, 0x3FF, 0), [0x3FF00200], [(255, 0, 128)]),
    "11-11-10": (32, (0xFFE00000, 0x1FFC00, 0x3FF, 0), [0xFFE00200, 0x1FFC00], [(255, 0, 128), (0, 255, 0)]),
    "BGRX": (32, (0xFF00, 0xFF0000, 0xFF000000, 0), [0x030201FF], [(1, 2, 3)]),
    "RGBX": (32, (0xFF, 0xFF00, 0xFF0000, 0), [0xFF030201], [(1, 2, 3)]),
    "16 bits of one channel": (32, (0xFFFF0000, 0xFF00, 0xFF, 0), [0x80000102, 0xFFFF0000], [(128, 1, 2), (255, 0, 0)]),
    "32 bits of one channel": (32, (0xFFFFFFFF, 0, 0, 0), [0xFFFFFFFF, 0x80000000], [(255, 0, 0), (128, 0, 0)]),
}


@pytest.mark.parametrize("name", LAYOUTS)
@pytest.mark.parametrize("top_down", [False, True])
def test_that_channels_have_any_width(name: str, *, top_down: bool) -> None:
    bits, masks, values, right = LAYOUTS[name]
    rows = [[value, value, value] for value in values]
    expected = [pixel for pixel in right for _ in range(3)]
    assert _pixels(_bmp(rows, bits, masks, top_down=top_down)) == expected


@pytest.mark.parametrize(("header", "masks"), [(40, 3), (52, 3), (56, 4), (108, 4)])
def test_that_masks_are_read_behind_or_in_the_header(header: int, masks: int) -> None:
    layout = (0x3FF00000, 0xFFC00, 0x3FF, 0xC0000000)[:masks]
    data = _bmp([[0xFFF00200]], 32, layout, header=header)
    assert _pixels(data) == [(255, 0, 128, 255)[:masks]]


def test_that_alphabitfields_have_alpha_behind_the_short_header() -> None:
    data = _bmp([[0x8123, 0x0FFF]], 16, (0xF00, 0xF0, 0xF, 0xF000), header=40, compression=ALPHABITFIELDS)
    assert _pixels(data) == [(17, 34, 51, 136), (255, 255, 255, 0)]


def test_that_the_file_of_4_bits_a_channel_is_right() -> None:
    assert _pixels((CASES / "bmp4444.bmp").read_bytes()) == [(255, 0, 0, 136), (0, 255, 0, 255)]


@pytest.mark.parametrize("missing", [1, 4, 16])
def test_that_a_truncated_one_is_damaged(missing: int) -> None:
    data = _bmp([[1, 2, 3]] * 3, 16, (0xF00, 0xF0, 0xF, 0xF000))
    with pytest.raises(InvalidImage, match="damaged"):
        _pixels(data[:-missing])


@pytest.mark.parametrize("size", [(16_385, 1), (16_000, 16_000)])
def test_that_one_too_large_is_rejected_by_its_header(size: tuple[int, int]) -> None:
    with pytest.raises(ImageTooLarge):
        _pixels(_bmp([[1]], 16, (0xF00, 0xF0, 0xF, 0xF000), size=size))


@pytest.mark.parametrize("size", [(0, 1), (1, 0), (-1, 1)])
def test_that_one_without_pixels_is_damaged(size: tuple[int, int]) -> None:
    with pytest.raises(InvalidImage, match="damaged"):
        _pixels(_bmp([[1]], 16, (0xF00, 0xF0, 0xF, 0xF000), size=size))


@pytest.mark.parametrize(
    ("header", "bits", "compression", "message"),
    [
        (40, 0, 4, "uses JPEG compression"),
        (124, 24, 4, "uses JPEG compression"),
        (40, 0, 5, "uses PNG compression"),
        (124, 32, 11, "uses CMYK compression"),
        (64, 1, 3, "uses Huffman compression"),
    ],
)
def test_that_what_cannot_be_read_is_named(header: int, bits: int, compression: int, message: str) -> None:
    with pytest.raises(UnsupportedImageFeature, match=f"^This BMP {message}, which is not supported"):
        _pixels(_bmp([[1]], bits, (), header=header, compression=compression))


PALETTE = [(0, 0, 0), (255, 0, 0), (0, 255, 0), (0, 0, 255)]
BLACK, RED, GREEN, BLUE = PALETTE
HIDDEN = (0, 0, 0, 0)


def _file(  # noqa: PLR0913 - fields of the header
    pixels: bytes,
    size: tuple[int, int],
    bits: int,
    *,
    compression: int = 0,
    header: int = 40,
    behind: bytes = b"",
    top_down: bool = False,
) -> bytes:
    """With a palette of four colours up to 8 bits; `header` may be shorter than that of Windows."""
    width, height = size
    colors = b"".join(bytes([blue, green, red, 0]) for red, green, blue in PALETTE) if bits <= 8 else b""
    height = -height if top_down else height
    fields = struct.pack(
        "<IiiHHIIiiII", header, width, height, 1, bits, compression, len(pixels), 0, 0, len(PALETTE), 0
    )
    info = fields[:header].ljust(header, b"\0") + colors.ljust(4 << bits if header == 16 and bits <= 8 else 0, b"\0")
    start = 14 + len(info) + len(behind)
    return b"BM" + struct.pack("<IHHI", start + len(pixels), 0, 0, start) + info + behind + pixels


def _opaque(*colors: tuple[int, int, int]) -> list[tuple[int, ...]]:
    return [(*color, 255) for color in colors]


@pytest.mark.parametrize("top_down", [False, True])
def test_that_two_bits_a_pixel_are_read(*, top_down: bool) -> None:
    rows = [b"\x1b\x40\0\0", b"\xe4\0\0\0"]
    data = _file(b"".join(rows if top_down else rows[::-1]), (5, 2), 2, top_down=top_down)
    assert _pixels(data) == [BLACK, RED, GREEN, BLUE, RED, BLUE, GREEN, RED, BLACK, BLACK]


@pytest.mark.parametrize(
    ("bits", "row", "right"),
    [
        (1, b"\x40", [BLACK, RED]),
        (4, b"\x12", [RED, GREEN]),
        (8, b"\3\2", [BLUE, GREEN]),
        (16, b"\x00\x7c\x1f\0", [RED, BLUE]),
        (24, b"\0\0\xff\xff\0\0", [RED, BLUE]),
        (32, b"\0\0\xff\7\xff\0\0\0", [RED, BLUE]),
    ],
)
@pytest.mark.parametrize("behind", [b"", bytes(12)])
def test_that_the_header_of_16_bytes_is_read(
    bits: int, row: bytes, right: list[tuple[int, ...]], behind: bytes
) -> None:
    assert _pixels(_file(row.ljust((len(row) + 3) // 4 * 4, b"\0"), (2, 1), bits, header=16, behind=behind)) == right


RLE8 = {
    "runs": (b"\3\1\0\0\3\2\0\1", [GREEN] * 3 + [RED] * 3),
    "copied": (b"\0\3\1\2\3\0\0\0\3\2\0\1", [GREEN] * 3 + [RED, GREEN, BLUE]),
    "no end": (b"\3\1\0\0\3\2", [GREEN] * 3 + [RED] * 3),
    "no end of rows": (b"\3\1\0\0\3\2\0\0", [GREEN] * 3 + [RED] * 3),
    "beyond the row": (b"\5\1\0\0\3\2\0\1", [GREEN] * 3 + [RED] * 3),
    "a short row": (b"\1\1\0\0\3\2\0\1", _opaque(GREEN, GREEN, GREEN, RED) + [HIDDEN] * 2),
    "an empty row": (b"\0\0\3\2\0\1", _opaque(GREEN, GREEN, GREEN) + [HIDDEN] * 3),
    "an early end": (b"\3\1\0\1", [HIDDEN] * 3 + _opaque(RED, RED, RED)),
    "a move": (b"\1\1\0\2\1\1\1\2\0\1", [HIDDEN, HIDDEN, *_opaque(GREEN, RED), HIDDEN, HIDDEN]),
    "a move beyond": (b"\3\1\0\2\1\x09\1\2\0\1", [HIDDEN] * 3 + _opaque(RED, RED, RED)),
    "rows beyond": (b"\3\1\0\0\3\2\0\0\3\3\0\1", [GREEN] * 3 + [RED] * 3),
}
RLE4 = {
    "runs": (b"\3\x12\0\0\3\x33\0\1", [BLUE] * 3 + [RED, GREEN, RED]),
    "copied": (b"\0\3\x12\x30\0\0\3\x11\0\1", [RED] * 3 + [RED, GREEN, BLUE]),
    "copied at length": (b"\0\5\x12\x31\x20\0\0\0\3\x11\0\1", [RED] * 3 + [RED, GREEN, BLUE]),
    "a short row": (b"\2\x12\0\0\3\x33\0\1", [*_opaque(BLUE, BLUE, BLUE, RED, GREEN), HIDDEN]),
    "a move": (b"\1\x10\0\2\0\1\1\x20\0\1", [HIDDEN, *_opaque(GREEN), HIDDEN, *_opaque(RED), HIDDEN, HIDDEN]),
}
RLE24 = {
    "runs": (b"\3\0\0\xff\0\0\3\xff\0\0\0\1", [BLUE] * 3 + [RED] * 3),
    "copied": (b"\0\3\0\0\xff\0\xff\0\xff\0\0\0\0\0\3\0\0\0\0\1", [BLACK] * 3 + [RED, GREEN, BLUE]),
    "a short row": (b"\1\0\0\xff\0\0\3\xff\0\0\0\1", _opaque(BLUE, BLUE, BLUE, RED) + [HIDDEN] * 2),
}
RUNS = [
    *(pytest.param(*each, 8, 1, 40, id=f"RLE8 {name}") for name, each in RLE8.items()),
    *(pytest.param(*each, 4, 2, 40, id=f"RLE4 {name}") for name, each in RLE4.items()),
    *(pytest.param(*each, 24, 4, 64, id=f"RLE24 {name}") for name, each in RLE24.items()),
]


@pytest.mark.parametrize(("runs", "right", "bits", "compression", "header"), RUNS)
def test_that_runs_are_decoded(
    runs: bytes, right: list[tuple[int, ...]], bits: int, compression: int, header: int
) -> None:
    """From the lower row to the upper one; what no run names is transparent."""
    assert _pixels(_file(runs, (3, 2), bits, compression=compression, header=header)) == right


@pytest.mark.parametrize("runs", [b"", b"\3\1", b"\3\1\0\0", b"\3\1\0\0\1", b"\3\1\0\0\0\3\1"])
def test_that_runs_that_break_off_are_damaged(runs: bytes) -> None:
    with pytest.raises(InvalidImage, match="damaged"):
        _pixels(_file(runs, (3, 2), 8, compression=1))


def test_that_a_palette_may_be_too_long() -> None:
    data = bytearray(_file(b"\1\3\2\0", (3, 1), 8, behind=bytes(4 * 296)))
    struct.pack_into("<I", data, 14 + 32, 300)
    assert _pixels(bytes(data)) == [RED, BLUE, GREEN]


def test_that_an_embedded_profile_is_applied() -> None:
    profile = files.swapped_rgb_profile()
    data = bytearray(_file(b"\0\0\xff\0", (1, 1), 24, header=124) + profile)
    data[14 + 56 : 14 + 60] = b"DEBM"
    struct.pack_into("<II", data, 14 + 112, len(data) - len(profile) - 14, len(profile))
    assert abs(np.array(_pixels(bytes(data))[0]) - [0, 255, 0]).max() <= 3
