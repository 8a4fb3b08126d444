"""TIFFs with samples of any width and kind: the values follow from the specification."""

from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms

from tests.unit.imaging import files
from tests.unit.imaging.codecs.sources.tiff_files import (
    CMYK,
    EXTRA_SAMPLES,
    GREY,
    LAB,
    NO_DATA,
    ORIENTATION,
    RGB,
    SIZE,
    STORED,
    case,
    noise,
    samples_of,
    scaled,
)
from tests.unit.imaging.codecs.tiffs import DEFLATE, Order, Samples, tiff

WHITE_IS_ZERO = 0
NAN, INFINITY = float("nan"), float("inf")


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("stored", STORED)
@pytest.mark.parametrize("bits", [2, 4, 10, 12, 14, 16, 24, 32])
@pytest.mark.parametrize("planar", [False, True])
def test_that_rgb_has_samples_of_any_width(bits: int, stored: str, order: Order, *, planar: bool) -> None:
    samples = noise(3, bits)
    data = tiff(samples, bits=bits, photometric=RGB, planar=planar, order=order, **STORED[stored])
    # Pillow keeps the upper byte of 16 bits in one plane.
    tolerance = 1 if bits == 16 and not planar else 0
    assert np.abs(samples_of(data) - scaled(samples, bits)).max() <= tolerance


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("bits", [1, 3, 6, 8, 10, 12, 14, 16])
@pytest.mark.parametrize("photometric", [WHITE_IS_ZERO, GREY])
def test_that_grey_has_samples_of_any_width(bits: int, photometric: int, order: Order) -> None:
    samples = noise(1, bits)
    right = scaled(samples, bits)
    found = samples_of(tiff(samples, bits=bits, photometric=photometric, order=order))
    np.testing.assert_array_equal(found, 255 - right if photometric == WHITE_IS_ZERO else right)


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("tile", [0, 16])
@pytest.mark.parametrize("planar", [False, True])
def test_that_horizontal_differences_are_summed(tile: int, order: Order, *, planar: bool) -> None:
    samples = noise(2, 16)
    options: dict[str, Any] = {"compression": DEFLATE, "predictor": 2, "tile": tile, "tags": {EXTRA_SAMPLES: (2,)}}
    found = samples_of(tiff(samples, planar=planar, order=order, **options))
    np.testing.assert_array_equal(found, scaled(samples, 16))


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("tile", [0, 16])
@pytest.mark.parametrize("planar", [False, True])
@pytest.mark.parametrize("kind", ["f2", "f4", "f8"])
def test_that_differences_of_floats_are_summed(kind: str, tile: int, order: Order, *, planar: bool) -> None:
    samples = np.random.default_rng(1).random((*SIZE, 3)).astype(kind)
    data = tiff(samples, photometric=RGB, planar=planar, order=order, compression=DEFLATE, predictor=3, tile=tile)
    np.testing.assert_allclose(samples_of(data), samples.astype(float) * 255, atol=0.51)


@pytest.mark.parametrize("predictor", [1, 2, 3])
@pytest.mark.parametrize("compression", ["tiff_lzw", "tiff_adobe_deflate", "lzma", "zstd", "packbits"])
def test_that_what_libtiff_compressed_is_read(compression: str, predictor: int) -> None:
    samples = np.linspace(0, 1, 37 * 7, dtype=np.float32).reshape(7, 37)
    tags = {317: predictor} if compression != "packbits" else {}
    data = files.file(Image.fromarray(samples), "TIFF", compression=compression, tiffinfo=tags)
    np.testing.assert_allclose(samples_of(data)[:, :, 0], samples * 255, atol=0.51)


@pytest.mark.parametrize("planar", [False, True])
def test_that_cmyk_of_16_bits_is_right_in_separate_planes(*, planar: bool) -> None:
    inks = np.array([[[0, 65535, 65535, 0], [0, 0, 0, 65535], [0, 0, 0, 0]]], np.uint16)
    found = samples_of(tiff(inks, photometric=CMYK, planar=planar))
    np.testing.assert_array_equal(found, [[[255, 0, 0], [0, 0, 0], [255, 255, 255]]])


@pytest.mark.parametrize("kind", ["u1", "u2"])
@pytest.mark.parametrize("planar", [False, True])
def test_that_cmyk_has_alpha(kind: str, *, planar: bool) -> None:
    samples = np.array([[[0, 255, 255, 0, 255], [0, 0, 0, 255, 128], [0, 0, 0, 0, 0]]], kind) * (
        257 if kind == "u2" else 1
    )
    found = samples_of(tiff(samples.astype(kind), photometric=CMYK, planar=planar, tags={EXTRA_SAMPLES: (2,)}))
    np.testing.assert_array_equal(found, [[[255, 0, 0, 255], [0, 0, 0, 128], [255, 255, 255, 0]]])


def test_that_premultiplied_inks_are_divided_by_alpha() -> None:
    samples = np.array([[[0, 128, 128, 0, 128], [0, 0, 0, 0, 0]]], np.uint8)
    found = samples_of(tiff(samples, photometric=CMYK, tags={EXTRA_SAMPLES: (1,), ORIENTATION: (2,)}))
    np.testing.assert_array_equal(found, [[[255, 255, 255, 0], [255, 0, 0, 128]]])


@pytest.mark.parametrize("kind", ["u1", "u2"])
@pytest.mark.parametrize("planar", [False, True])
@pytest.mark.parametrize("extra", [(0,), (0, 0), (0, 2)])
def test_that_spot_colors_are_left_out(extra: tuple[int, ...], kind: str, *, planar: bool) -> None:
    white = np.iinfo(kind).max
    samples = np.array([[[0, white, white, 0, *[white // 3] * len(extra)]]], kind)
    found = samples_of(tiff(samples, photometric=CMYK, planar=planar, tags={EXTRA_SAMPLES: extra}))
    np.testing.assert_array_equal(found, [[[255, 0, 0, 85][: 3 + (2 in extra)]]])


LABS = [(100, 0, 0), (0, 0, 0), (50, 0, 0), (60, 40, 30), (80, -30, 40), (30, 20, -40), (60, -20, -10), (1, 0, 0)]


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("planar", [False, True])
@pytest.mark.parametrize("extra", [(), (2,)])
@pytest.mark.parametrize("order", "<>")
def test_that_lab_is_converted(bits: int, extra: tuple[int, ...], order: Order, *, planar: bool) -> None:
    scale, signed = 2 ** (bits - 8), np.dtype(f"i{bits // 8}")
    rows = [[round(light * (2**bits - 1) / 100), a * scale, b * scale, *extra] for light, a, b in LABS]
    samples = np.array([rows]).astype(signed).view(f"u{bits // 8}")
    found = samples_of(
        tiff(samples, photometric=LAB, planar=planar, order=order, tags={EXTRA_SAMPLES: extra} if extra else {})
    )
    np.testing.assert_allclose(found[0, :, :3], _by_littlecms(LABS), atol=2)  # lightness has 8 bits there


def _by_littlecms(labs: list[tuple[int, int, int]]) -> Samples:
    lab, srgb = (ImageCms.createProfile(space) for space in ("LAB", "sRGB"))
    values = bytes(value for light, a, b in labs for value in (round(light * 2.55), a + 128, b + 128))
    image = Image.frombytes("RGB", (len(labs), 1), values)
    transform = ImageCms.buildTransform(lab, srgb, "LAB", "RGB")
    converted: Samples = np.asarray(transform.apply(Image.merge("LAB", image.split())))[0].astype(int)
    return converted


@pytest.mark.parametrize("planar", [False, True])
def test_that_grey_of_16_bits_keeps_its_alpha(*, planar: bool) -> None:
    samples = np.array([[[65535, 32768], [32768, 65535], [0, 0]]], np.uint16)
    found = samples_of(tiff(samples, planar=planar, tags={EXTRA_SAMPLES: (2,)}))
    np.testing.assert_array_equal(found, [[[255, 128], [128, 255], [0, 0]]])


def test_that_premultiplied_grey_of_16_bits_is_divided_by_its_alpha() -> None:
    samples = np.array([[[32896, 32896], [65535, 65535]]], np.uint16)
    np.testing.assert_array_equal(samples_of(tiff(samples, tags={EXTRA_SAMPLES: (1,)})), [[[255, 128], [255, 255]]])


def test_that_samples_without_meaning_are_no_alpha() -> None:
    samples = np.array([[[65535, 1], [0, 2]]], np.uint16)
    np.testing.assert_array_equal(samples_of(tiff(samples, tags={EXTRA_SAMPLES: (0,)})), [[[255], [0]]])


@pytest.mark.parametrize("kind", ["f2", "f4", "f8"])
def test_that_grey_floats_are_stretched_from_the_least_finite_value_to_the_greatest(kind: str) -> None:
    samples = np.array([[NAN, -INFINITY, -2, 0, 2, INFINITY]], kind).reshape(1, 6, 1)
    np.testing.assert_array_equal(samples_of(tiff(samples)).ravel(), [0, 0, 0, 128, 255, 255])
    inverted = samples_of(tiff(samples, photometric=WHITE_IS_ZERO)).ravel()
    np.testing.assert_array_equal(inverted[1:], [255, 255, 127, 0, 0])


@pytest.mark.parametrize("kind", ["f2", "f4", "f8"])
def test_that_rgb_floats_are_clipped_to_0_and_1(kind: str) -> None:
    samples = np.array([[[0.2, 0.4, 1], [NAN, INFINITY, -INFINITY], [2, -1, 0.5]]], kind)
    found = samples_of(tiff(samples, photometric=RGB))
    np.testing.assert_array_equal(found, [[[51, 102, 255], [0, 255, 0], [255, 0, 128]]])


@pytest.mark.parametrize("value", [b"-9999\0", b" -9999.0 \0"])
def test_that_the_value_for_no_data_is_not_stretched(value: bytes) -> None:
    samples = np.array([[-9999, 10, 15, 20]], np.float32).reshape(1, 4, 1)
    np.testing.assert_array_equal(samples_of(tiff(samples, tags={NO_DATA: value})).ravel(), [0, 0, 128, 255])


@pytest.mark.parametrize("samples", [[NAN] * 3, [INFINITY] * 3, [7.0] * 3, [1.7e308, -1.7e308, 0]])
def test_that_floats_without_a_range_give_an_image(samples: list[float]) -> None:
    assert samples_of(tiff(np.array(samples).reshape(1, 3, 1))).shape == (1, 3, 1)


@pytest.mark.parametrize("order", "<>")
def test_that_wide_integers_are_stretched(order: Order) -> None:
    samples = np.array([[1000, 2_000_000_500, 4_000_000_000]], np.uint32).reshape(1, 3, 1)
    np.testing.assert_array_equal(samples_of(tiff(samples, order=order)).ravel(), [0, 128, 255])


@pytest.mark.parametrize("kind", ["i1", "i2", "i4"])
@pytest.mark.parametrize("order", "<>")
def test_that_signed_integers_are_stretched(order: Order, kind: str) -> None:
    samples = np.array([[-100, 0, 100]], kind).reshape(1, 3, 1)
    np.testing.assert_array_equal(samples_of(tiff(samples, order=order)).ravel(), [0, 128, 255])


def test_that_a_predictor_without_compression_is_ignored() -> None:
    samples = noise(1, 12)
    np.testing.assert_array_equal(samples_of(tiff(samples, bits=12, tags={317: (2,)})), scaled(samples, 12))


def test_that_the_files_of_each_kind_are_right() -> None:
    np.testing.assert_array_equal(case("grey12").ravel(), [0, 85, 170, 255])
    np.testing.assert_array_equal(case("uint32").ravel(), [0, 0, 0, 255])
    np.testing.assert_array_equal(case("float_nan").ravel(), [0, 0, 128, 255])


def test_that_cmyk_with_alpha_keeps_its_profile() -> None:
    inks = np.array([[[255, 0, 0, 0, 128]]], np.uint8)
    profile = files.press_profile()
    found = samples_of(tiff(inks, photometric=CMYK, tags={EXTRA_SAMPLES: (2,), 34675: profile}))
    assert np.abs(found[0, 0] - [255, 0, 255, 128]).max() <= 2  # cyan and magenta are swapped
