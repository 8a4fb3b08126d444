"""Colours that a file describes by numbers become sRGB; matrices are those of BT.2087 and of CSS Color 4."""

import struct
import zlib
from collections.abc import Sequence
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from imaging.codecs.containers.isobmff.boxes import read_code_points
from tests.unit.imaging import files
from tests.unit.imaging.codecs.cases import case, pixels, rendered
from tests.unit.imaging.codecs.pngs import GREY, GREY_ALPHA, PALETTE, RGB, RGBA, broken, png
from tests.unit.imaging.images import Array

COLORS = [(200, 30, 30), (10, 200, 90), (255, 255, 255), (128, 128, 128), (0, 0, 0), (90, 40, 220)]
P3_TO_SRGB = [[1.2249402, -0.2249402, 0], [-0.0420570, 1.0420570, 0], [-0.0196376, -0.0786360, 1.0982736]]
BT2020_TO_SRGB = [[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]]
SAME = [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
P3_POINTS = (31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000)
SRGB_POINTS = (31269, 32901, 64000, 33000, 30000, 60000, 15000, 6000)


def _srgb_light(values: Array) -> Array:
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def _bt709_light(values: Array) -> Array:
    return np.where(values < 0.081, values / 4.5, ((values + 0.099) / 1.099) ** (1 / 0.45))


def _encoded(light: Array) -> Array:
    light = np.clip(light, 0, 1)
    return 255 * np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)


def _cicp(primaries: int, transfer: int, matrix: int = 0, full: int = 1) -> bytes:
    return files.chunk(b"cICP", bytes([primaries, transfer, matrix, full]))


def _gamma(value: float) -> bytes:
    return files.chunk(b"gAMA", struct.pack(">I", round(value * 100_000)))


def _points(values: tuple[int, ...]) -> bytes:
    return files.chunk(b"cHRM", struct.pack(">8I", *values))


def _profile(data: bytes) -> bytes:
    return files.chunk(b"iCCP", b"test\0\0" + zlib.compress(data))


def _row(*chunks: bytes, colors: Sequence[tuple[int, ...]] = COLORS) -> Array:
    return pixels(png(8, RGB, [b"".join(map(bytes, colors))], *chunks))[0, :, :3]


def test_that_the_files_of_each_kind_are_right() -> None:
    np.testing.assert_array_equal(pixels(case("png_gama_linear.png"))[0, 0], [128, 128, 128, 255])
    assert abs(pixels(case("avif_p3.avif"))[0, 0] - [218, 0, 6, 255]).max() <= 3


@pytest.mark.parametrize(
    ("chunks", "light", "matrix"),
    [
        ([_gamma(1)], lambda values: values, SAME),
        ([_gamma(1 / 1.8)], lambda values: values**1.8, SAME),
        ([_points(P3_POINTS)], _srgb_light, P3_TO_SRGB),
        ([_gamma(0.45455), _points(P3_POINTS)], _srgb_light, P3_TO_SRGB),
        ([_gamma(1), _points(P3_POINTS)], lambda values: values, P3_TO_SRGB),
        ([_cicp(12, 13)], _srgb_light, P3_TO_SRGB),
        ([_cicp(9, 13)], _srgb_light, BT2020_TO_SRGB),
        ([_cicp(9, 14)], _bt709_light, BT2020_TO_SRGB),
        ([_cicp(9, 8)], lambda values: values, BT2020_TO_SRGB),
        ([_cicp(1, 4)], lambda values: values**2.2, SAME),
        ([_cicp(1, 1)], _bt709_light, SAME),
        ([_cicp(2, 13)], _srgb_light, SAME),
        ([_cicp(12, 2)], _srgb_light, P3_TO_SRGB),
    ],
)
def test_that_numbers_of_a_png_are_applied(chunks: list[bytes], light: object, matrix: list[list[float]]) -> None:
    assert callable(light)
    expected = _encoded(light(np.array(COLORS) / 255) @ np.array(matrix).T)
    np.testing.assert_allclose(_row(*chunks), expected, atol=1)


@pytest.mark.parametrize(
    "chunks",
    [
        [_gamma(0.45455)],
        [_gamma(0.45455), _points(SRGB_POINTS)],
        [_cicp(1, 13)],
        [_cicp(2, 2)],
        [_gamma(0)],
        [_points((0,) * 8)],
        [_points((31270, 32900) + (30000, 30000) * 3)],
        [files.chunk(b"gAMA", b"\0")],
        [broken(_gamma(1))],
        [broken(_cicp(9, 16))],
        [_cicp(9, 13, matrix=9)],
    ],
)
def test_that_srgb_and_impossible_numbers_change_nothing(chunks: list[bytes]) -> None:
    np.testing.assert_array_equal(_row(*chunks), COLORS)


def test_that_numbers_count_by_their_order_of_precedence() -> None:
    srgb, swapped = files.chunk(b"sRGB", b"\0"), _profile(files.swapped_rgb_profile())
    wide = _row(_cicp(12, 13))
    np.testing.assert_array_equal(_row(srgb, _gamma(1), _points(P3_POINTS)), COLORS)
    np.testing.assert_array_equal(_row(_gamma(1), srgb, _cicp(12, 13)), wide)
    np.testing.assert_array_equal(_row(swapped, _cicp(12, 13)), wide)
    np.testing.assert_array_equal(_row(swapped, _cicp(1, 13)), COLORS)
    np.testing.assert_array_equal(_row(_gamma(1), swapped), _row(swapped))
    np.testing.assert_array_equal(_row(_profile(b"garbage"), _gamma(1)), _row(_gamma(1)))
    np.testing.assert_array_equal(_row(_gamma(1), _gamma(0.2)), _row(_gamma(1)))


def test_that_a_profile_that_does_not_count_is_not_kept() -> None:
    data = png(8, RGB, [b"\x80\x40\x20"], _profile(files.swapped_rgb_profile()), _cicp(12, 13))
    file = Image.open(BytesIO(rendered(data, icc="keep")))
    assert "icc_profile" not in file.info
    assert next(iter(file.get_flattened_data())) == tuple(_row(_cicp(12, 13), colors=[(128, 64, 32)])[0])


@pytest.mark.parametrize(
    ("color", "row", "chunks"),
    [
        (GREY, bytes([55]), []),
        (GREY_ALPHA, bytes([55, 99]), []),
        (RGBA, bytes([55, 55, 55, 99]), []),
        (PALETTE, bytes([0]), [files.chunk(b"PLTE", bytes([55, 55, 55]))]),
        (GREY, bytes([55]), [files.chunk(b"tRNS", bytes([0, 55]))]),
    ],
)
@pytest.mark.parametrize("interlaced", [False, True])
def test_that_every_kind_of_png_has_its_gamma(color: int, row: bytes, chunks: list[bytes], *, interlaced: bool) -> None:
    plain = pixels(png(8, color, [row], *chunks))[0, 0]
    found = pixels(png(8, color, [row], _gamma(1), *chunks, interlaced=interlaced))[0, 0]
    np.testing.assert_array_equal(found, [128, 128, 128, plain[3]])


def test_that_frames_have_the_gamma_of_their_file() -> None:
    frames = [Image.new("RGB", (4, 4), (55, index, 0)) for index in range(3)]
    data = files.file(frames[0], "PNG", save_all=True, append_images=frames[1:], duration=100)
    file = Image.open(BytesIO(rendered(data[:33] + _gamma(1) + data[33:])))
    for frame in range(3):
        file.seek(frame)
        assert file.convert("RGB").getpixel((0, 0))[0] == 128  # type: ignore[index] # RGB has several


def test_that_a_narrow_range_is_stretched() -> None:
    colors = [(16, 16, 16), (235, 235, 235), (0, 255, 16)]
    np.testing.assert_array_equal(_row(_cicp(1, 13, full=0), colors=colors), [[0] * 3, [255] * 3, [0, 255, 0]])


@pytest.mark.parametrize(("transfer", "white", "grey"), [(16, 148, 106), (18, 191, 120)])
def test_that_hdr_is_mapped_to_a_standard_display(transfer: int, white: int, grey: int) -> None:
    """`white` is that of BT.2408, 203 cd/m²; `grey`, some 30 cd/m², is below the knee of BT.2390."""
    found = _row(_cicp(9, transfer), colors=[(value,) * 3 for value in (0, grey, white, 255)])
    assert (found == found[:, :1]).all()  # greys stay grey
    dark, middle, bright, most = found[:, 0]
    light = {16: _pq_light(grey), 18: 1000 / 203 * (grey / 255) ** 2.4 / 3**1.2}[transfer]
    assert (dark, most) == (0, 255)
    assert middle == pytest.approx(_encoded(np.array(light)), abs=2)
    assert 215 < bright < 240
    red = _row(_cicp(9, transfer), colors=[(200, 20, 20)])[0]
    assert red[0] > red[1:].max() + 100


def _pq_light(value: int) -> float:
    """SMPTE ST 2084, relative to 203 cd/m²."""
    root = (value / 255) ** (1 / 78.84375)
    return float(10000 / 203 * ((root - 0.8359375) / (18.8515625 - 18.6875 * root)) ** (1 / 0.1593017578125))


def _avif(primaries: int, transfer: int, *, mode: str = "RGB", frames: int = 1, **options: object) -> bytes:
    """One whose `colr` boxes say so."""
    images = [Image.new("RGB", (16, 16), (200, 30, 30)).convert(mode)] * frames
    data = files.file(images[0], "AVIF", quality=100, save_all=frames > 1, append_images=images[1:], **options)
    own = data.index(b"nclx") + 4
    return data.replace(data[own - 4 : own + 4], b"nclx" + struct.pack(">HH", primaries, transfer))


@pytest.mark.parametrize(("primaries", "matrix"), [(12, P3_TO_SRGB), (9, BT2020_TO_SRGB), (1, SAME), (2, SAME)])
@pytest.mark.parametrize("options", [{}, {"mode": "RGBA"}, {"frames": 2}])
def test_that_nclx_of_an_avif_is_applied(primaries: int, matrix: list[list[float]], options: dict[str, object]) -> None:
    stored = pixels(_avif(1, 13, **options))[0, 0, :3]  # type: ignore[arg-type] # as they come
    expected = _encoded(_srgb_light(stored / 255) @ np.array(matrix).T)
    found = pixels(_avif(primaries, 13, **options))[0, 0, :3]  # type: ignore[arg-type] # as above
    np.testing.assert_allclose(found, expected, atol=1)


def test_that_a_profile_of_an_avif_comes_before_its_nclx() -> None:
    profile = files.swapped_rgb_profile()
    found = pixels(_avif(9, 16, icc_profile=profile))
    np.testing.assert_array_equal(found, pixels(_avif(1, 13, icc_profile=profile)))


@pytest.mark.parametrize("name", [b"pitm", b"ipco", b"ipma", b"colr"])
def test_that_a_box_cut_short_is_no_error(name: bytes) -> None:
    data = _avif(9, 13)
    start = data.index(name) - 4
    for length in (4, 2**32 - 1):
        damaged = data[:start] + struct.pack(">I", length) + data[start + 4 :]
        assert read_code_points(damaged) is None
    assert read_code_points(data[: start + 6]) is None
