"""TIFFs with samples of any width and kind: the values follow from the specification."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms

from core.errors import ImageTooLarge, InvalidImage, UnsupportedImageFeature
from imaging.codecs.decoder import decode
from imaging.limits import Limits
from tests.unit.imaging import files
from tests.unit.imaging.codecs.tiffs import DEFLATE, LERC, NONE, Order, Samples, tiff
from tests.unit.imaging.images import array

CASES = Path(__file__).parents[1] / "cases"
GREY, RGB, CMYK, LAB = 1, 2, 5, 8
WHITE_IS_ZERO = 0
EXTRA_SAMPLES, NO_DATA, ORIENTATION = 338, 42113, 274
SIZE = (7, 37)  # rows and columns: no multiple of a tile, of a strip, or of a byte
NAN, INFINITY = float("nan"), float("inf")


def _decode(data: bytes) -> Samples:
    """Rows x columns x bands."""
    image = decode(data, limits=Limits(), auto_orient=True)
    return array(image).reshape(image.height, image.width, -1).astype(int)


def _case(name: str) -> Samples:
    return _decode((CASES / f"{name}.tif").read_bytes())


def _noise(bands: int, bits: int) -> Samples:
    kind = np.uint8 if bits <= 8 else np.uint16 if bits <= 16 else np.uint32
    return np.random.default_rng(bits).integers(0, 2**bits, (*SIZE, bands), kind)


def _scaled(samples: Samples, bits: int) -> Samples:
    scaled: Samples = np.floor(samples.astype(float) * 255 / (2**bits - 1) + 0.5).astype(int)
    return scaled


STORED: dict[str, dict[str, Any]] = {
    "strips": {"compression": NONE},
    "deflate": {"compression": DEFLATE},
    "tiles": {"compression": DEFLATE, "tile": 16},
}


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("stored", STORED)
@pytest.mark.parametrize("bits", [2, 4, 10, 12, 14, 16, 24, 32])
@pytest.mark.parametrize("planar", [False, True])
def test_that_rgb_has_samples_of_any_width(bits: int, stored: str, order: Order, *, planar: bool) -> None:
    samples = _noise(3, bits)
    data = tiff(samples, bits=bits, photometric=RGB, planar=planar, order=order, **STORED[stored])
    # Pillow keeps the upper byte of 16 bits in one plane.
    tolerance = 1 if bits == 16 and not planar else 0
    assert np.abs(_decode(data) - _scaled(samples, bits)).max() <= tolerance


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("bits", [1, 3, 6, 8, 10, 12, 14, 16])
@pytest.mark.parametrize("photometric", [WHITE_IS_ZERO, GREY])
def test_that_grey_has_samples_of_any_width(bits: int, photometric: int, order: Order) -> None:
    samples = _noise(1, bits)
    right = _scaled(samples, bits)
    found = _decode(tiff(samples, bits=bits, photometric=photometric, order=order))
    np.testing.assert_array_equal(found, 255 - right if photometric == WHITE_IS_ZERO else right)


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("tile", [0, 16])
@pytest.mark.parametrize("planar", [False, True])
def test_that_horizontal_differences_are_summed(tile: int, order: Order, *, planar: bool) -> None:
    samples = _noise(2, 16)
    options: dict[str, Any] = {"compression": DEFLATE, "predictor": 2, "tile": tile, "tags": {EXTRA_SAMPLES: (2,)}}
    found = _decode(tiff(samples, planar=planar, order=order, **options))
    np.testing.assert_array_equal(found, _scaled(samples, 16))


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("tile", [0, 16])
@pytest.mark.parametrize("planar", [False, True])
@pytest.mark.parametrize("kind", ["f2", "f4", "f8"])
def test_that_differences_of_floats_are_summed(kind: str, tile: int, order: Order, *, planar: bool) -> None:
    samples = np.random.default_rng(1).random((*SIZE, 3)).astype(kind)
    data = tiff(samples, photometric=RGB, planar=planar, order=order, compression=DEFLATE, predictor=3, tile=tile)
    np.testing.assert_allclose(_decode(data), samples.astype(float) * 255, atol=0.51)


@pytest.mark.parametrize("predictor", [1, 2, 3])
@pytest.mark.parametrize("compression", ["tiff_lzw", "tiff_adobe_deflate", "lzma", "zstd", "packbits"])
def test_that_what_libtiff_compressed_is_read(compression: str, predictor: int) -> None:
    samples = np.linspace(0, 1, 37 * 7, dtype=np.float32).reshape(7, 37)
    tags = {317: predictor} if compression != "packbits" else {}
    data = files.file(Image.fromarray(samples), "TIFF", compression=compression, tiffinfo=tags)
    np.testing.assert_allclose(_decode(data)[:, :, 0], samples * 255, atol=0.51)


@pytest.mark.parametrize("planar", [False, True])
def test_that_cmyk_of_16_bits_is_right_in_separate_planes(*, planar: bool) -> None:
    inks = np.array([[[0, 65535, 65535, 0], [0, 0, 0, 65535], [0, 0, 0, 0]]], np.uint16)
    found = _decode(tiff(inks, photometric=CMYK, planar=planar))
    np.testing.assert_array_equal(found, [[[255, 0, 0], [0, 0, 0], [255, 255, 255]]])


@pytest.mark.parametrize("kind", ["u1", "u2"])
@pytest.mark.parametrize("planar", [False, True])
def test_that_cmyk_has_alpha(kind: str, *, planar: bool) -> None:
    samples = np.array([[[0, 255, 255, 0, 255], [0, 0, 0, 255, 128], [0, 0, 0, 0, 0]]], kind) * (
        257 if kind == "u2" else 1
    )
    found = _decode(tiff(samples.astype(kind), photometric=CMYK, planar=planar, tags={EXTRA_SAMPLES: (2,)}))
    np.testing.assert_array_equal(found, [[[255, 0, 0, 255], [0, 0, 0, 128], [255, 255, 255, 0]]])


def test_that_premultiplied_inks_are_divided_by_alpha() -> None:
    samples = np.array([[[0, 128, 128, 0, 128], [0, 0, 0, 0, 0]]], np.uint8)
    found = _decode(tiff(samples, photometric=CMYK, tags={EXTRA_SAMPLES: (1,), ORIENTATION: (2,)}))
    np.testing.assert_array_equal(found, [[[255, 255, 255, 0], [255, 0, 0, 128]]])


@pytest.mark.parametrize("kind", ["u1", "u2"])
@pytest.mark.parametrize("planar", [False, True])
@pytest.mark.parametrize("extra", [(0,), (0, 0), (0, 2)])
def test_that_spot_colors_are_left_out(extra: tuple[int, ...], kind: str, *, planar: bool) -> None:
    white = np.iinfo(kind).max
    samples = np.array([[[0, white, white, 0, *[white // 3] * len(extra)]]], kind)
    found = _decode(tiff(samples, photometric=CMYK, planar=planar, tags={EXTRA_SAMPLES: extra}))
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
    found = _decode(
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
    found = _decode(tiff(samples, planar=planar, tags={EXTRA_SAMPLES: (2,)}))
    np.testing.assert_array_equal(found, [[[255, 128], [128, 255], [0, 0]]])


def test_that_premultiplied_grey_of_16_bits_is_divided_by_its_alpha() -> None:
    samples = np.array([[[32896, 32896], [65535, 65535]]], np.uint16)
    np.testing.assert_array_equal(_decode(tiff(samples, tags={EXTRA_SAMPLES: (1,)})), [[[255, 128], [255, 255]]])


def test_that_samples_without_meaning_are_no_alpha() -> None:
    samples = np.array([[[65535, 1], [0, 2]]], np.uint16)
    np.testing.assert_array_equal(_decode(tiff(samples, tags={EXTRA_SAMPLES: (0,)})), [[[255], [0]]])


@pytest.mark.parametrize("kind", ["f2", "f4", "f8"])
def test_that_grey_floats_are_stretched_from_the_least_finite_value_to_the_greatest(kind: str) -> None:
    samples = np.array([[NAN, -INFINITY, -2, 0, 2, INFINITY]], kind).reshape(1, 6, 1)
    np.testing.assert_array_equal(_decode(tiff(samples)).ravel(), [0, 0, 0, 128, 255, 255])
    inverted = _decode(tiff(samples, photometric=WHITE_IS_ZERO)).ravel()
    np.testing.assert_array_equal(inverted[1:], [255, 255, 127, 0, 0])


@pytest.mark.parametrize("kind", ["f2", "f4", "f8"])
def test_that_rgb_floats_are_clipped_to_0_and_1(kind: str) -> None:
    samples = np.array([[[0.2, 0.4, 1], [NAN, INFINITY, -INFINITY], [2, -1, 0.5]]], kind)
    found = _decode(tiff(samples, photometric=RGB))
    np.testing.assert_array_equal(found, [[[51, 102, 255], [0, 255, 0], [255, 0, 128]]])


@pytest.mark.parametrize("value", [b"-9999\0", b" -9999.0 \0"])
def test_that_the_value_for_no_data_is_not_stretched(value: bytes) -> None:
    samples = np.array([[-9999, 10, 15, 20]], np.float32).reshape(1, 4, 1)
    np.testing.assert_array_equal(_decode(tiff(samples, tags={NO_DATA: value})).ravel(), [0, 0, 128, 255])


@pytest.mark.parametrize("samples", [[NAN] * 3, [INFINITY] * 3, [7.0] * 3, [1.7e308, -1.7e308, 0]])
def test_that_floats_without_a_range_give_an_image(samples: list[float]) -> None:
    assert _decode(tiff(np.array(samples).reshape(1, 3, 1))).shape == (1, 3, 1)


@pytest.mark.parametrize("order", "<>")
def test_that_wide_integers_are_stretched(order: Order) -> None:
    samples = np.array([[1000, 2_000_000_500, 4_000_000_000]], np.uint32).reshape(1, 3, 1)
    np.testing.assert_array_equal(_decode(tiff(samples, order=order)).ravel(), [0, 128, 255])


@pytest.mark.parametrize("kind", ["i1", "i2", "i4"])
@pytest.mark.parametrize("order", "<>")
def test_that_signed_integers_are_stretched(order: Order, kind: str) -> None:
    samples = np.array([[-100, 0, 100]], kind).reshape(1, 3, 1)
    np.testing.assert_array_equal(_decode(tiff(samples, order=order)).ravel(), [0, 128, 255])


def test_that_a_predictor_without_compression_is_ignored() -> None:
    samples = _noise(1, 12)
    np.testing.assert_array_equal(_decode(tiff(samples, bits=12, tags={317: (2,)})), _scaled(samples, 12))


def test_that_the_files_of_each_kind_are_right() -> None:
    np.testing.assert_array_equal(_case("grey12").ravel(), [0, 85, 170, 255])
    np.testing.assert_array_equal(_case("uint32").ravel(), [0, 0, 0, 255])
    np.testing.assert_array_equal(_case("float_nan").ravel(), [0, 0, 128, 255])


def test_that_the_full_image_is_read_and_not_a_thumbnail_before_it() -> None:
    found = _case("thumb_first_ifd")
    assert found.shape == (120, 160, 3)
    np.testing.assert_array_equal(np.unique(found.reshape(-1, 3), axis=0), [[0, 0, 255]])


@pytest.mark.parametrize("rows", [2, 3, 2**31, 2**32 - 2**24, 2**32 - 1])
def test_that_one_strip_may_say_that_it_has_more_rows(rows: int) -> None:
    samples = _noise(2, 16)[:2]
    found = _decode(tiff(samples, compression=DEFLATE, tags={278: (rows,), EXTRA_SAMPLES: (2,)}))
    np.testing.assert_array_equal(found, _scaled(samples, 16))


@pytest.mark.parametrize("kind", [{254: (1,)}, {254: (4,)}, {255: (2,)}])
def test_that_the_full_image_is_found_in_a_subdirectory(kind: dict[int, tuple[int, ...] | bytes]) -> None:
    full = tiff(np.full((5, 6, 1), 1365, np.uint16), bits=12)
    directory = int.from_bytes(full[4:8], "little")
    thumbnail = np.zeros((1, 2, 1), np.uint8)
    found = _decode(tiff(thumbnail, tags=kind | {330: (0, directory)}, other=full))
    np.testing.assert_array_equal(found, np.full((5, 6, 1), 85))
    np.testing.assert_array_equal(_decode(tiff(thumbnail, tags={330: (directory,)}, other=full)), thumbnail)


@pytest.mark.parametrize("kind", [{254: (1,)}, {254: (1,), 330: (0, 9, 2**32 - 1)}])
def test_that_a_thumbnail_alone_is_read(kind: dict[int, tuple[int, ...] | bytes]) -> None:
    thumbnail = np.full((1, 2, 1), 7, np.uint8)
    np.testing.assert_array_equal(_decode(tiff(thumbnail, tags=kind)), thumbnail)


@pytest.mark.parametrize("scale", [1, 257])
def test_that_a_palette_of_8_bit_values_has_its_colours(scale: int) -> None:
    colors = np.zeros((3, 256), int)
    colors[:, :3] = [[255, 0, 17], [0, 128, 34], [0, 0, 51]]
    indices = np.array([[0, 1, 2]], np.uint8).reshape(1, 3, 1)
    data = tiff(indices, photometric=3, tags={320: tuple((colors * scale).ravel().tolist())})
    np.testing.assert_array_equal(_decode(data), [[[255, 0, 0], [0, 128, 0], [17, 34, 51]]])


def test_that_the_orientation_is_applied() -> None:
    samples = np.array([[0, 4095], [1365, 2730]], np.uint16).reshape(2, 2, 1)
    found = _decode(tiff(samples, bits=12, tags={ORIENTATION: (6,)}))
    np.testing.assert_array_equal(found[:, :, 0], [[85, 0], [170, 255]])


@pytest.mark.parametrize("options", STORED.values(), ids=STORED)
def test_that_a_truncated_one_is_damaged(options: dict[str, Any]) -> None:
    data = tiff(_noise(3, 12), bits=12, photometric=RGB, **options)
    moved = data.replace(data[8:200], b"")  # the pixels end too early, and the directory is elsewhere
    for broken in (data[:-40], data[: len(data) // 2], moved):
        with pytest.raises(InvalidImage, match="damaged"):
            _decode(broken)


@pytest.mark.parametrize(
    ("size", "message"), [((16_385, 1), "is too large"), ((7_000, 7_000), "take more than 512 MiB")]
)
def test_that_one_too_large_is_rejected_by_its_header(size: tuple[int, int], message: str) -> None:
    data = tiff(np.zeros((1, 1, 3)), photometric=RGB, tags={256: size[:1], 257: size[1:]})
    with pytest.raises(ImageTooLarge, match=message):
        _decode(data)


@pytest.mark.parametrize("tile", [(2**20, 2**20), (2**24, 1), (16, 2**28)])
def test_that_a_tile_too_large_is_rejected(tile: tuple[int, int]) -> None:
    data = tiff(_noise(1, 12), bits=12, tile=16, tags={322: tile[:1], 323: tile[1:]})
    with pytest.raises(ImageTooLarge, match="tiles of this TIFF take more than 64 MiB"):
        _decode(data)


@pytest.mark.parametrize(
    ("message", "data"),
    [
        ("This TIFF uses LERC compression", tiff(_noise(1, 8), compression=LERC)),
        ("This TIFF uses JPEG XL compression", tiff(_noise(1, 8), compression=50002)),
        ("This TIFF uses an unknown \\(999\\) compression", tiff(_noise(1, 8), compression=999)),
        ("This TIFF stores inks other than CMYK", tiff(_noise(6, 8), photometric=CMYK, tags={332: (2,), 334: (6,)})),
        ("This TIFF stores CIELab with 32 bits a sample", tiff(_noise(3, 32), photometric=LAB)),
        ("This TIFF stores grey with 64 bits a sample", tiff(_noise(1, 16), bits=64, tags={339: (6,)})),
        ("This TIFF stores RGB with 5, 6, 5 bits a sample", tiff(_noise(3, 8), photometric=RGB, tags={258: (5, 6, 5)})),
        ("This TIFF uses predictor 2 for samples of 12 bits", tiff(_noise(1, 12), bits=12, compression=8, predictor=2)),
        ("This TIFF uses predictor 9 for samples of 32 bits", tiff(_noise(1, 32), compression=8, tags={317: (9,)})),
        ("This TIFF has float samples of 24 bits", tiff(_noise(1, 24), bits=24, tags={339: (3,)})),
    ],
)
def test_that_what_cannot_be_read_is_named(message: str, data: bytes) -> None:
    with pytest.raises(UnsupportedImageFeature, match=f"^{message}, which is not supported"):
        _decode(data)


RAW = {
    "a colour filter array": tiff(_noise(1, 16), photometric=32803),
    "linear raw": tiff(_noise(3, 16), photometric=34892),
    "DNG with a preview": tiff(_noise(3, 8), photometric=RGB, tags={50706: (1, 4, 0, 0)}),
    "CR2": tiff(_noise(3, 8), photometric=RGB, other=b"II*\0\0\0\0\0CR\2\0" + bytes(4)),
}


def _with_raw_below(preview: dict[int, tuple[int, ...] | bytes]) -> bytes:
    """As NEF and ARW: a preview, and the raw image in a subdirectory."""
    raw = tiff(_noise(1, 16), photometric=32803)
    directory = int.from_bytes(raw[4:8], "little")
    return tiff(_noise(3, 8), photometric=RGB, tags=preview | {330: (directory, 0)}, other=raw)


@pytest.mark.parametrize("data", [*RAW.values(), _with_raw_below({}), _with_raw_below({254: (1,)})])
def test_that_a_raw_photograph_is_named(data: bytes) -> None:
    with pytest.raises(UnsupportedImageFeature, match="This is a raw photograph, which is not supported"):
        _decode(data)


def test_that_cmyk_with_alpha_keeps_its_profile() -> None:
    inks = np.array([[[255, 0, 0, 0, 128]]], np.uint8)
    profile = files.press_profile()
    found = _decode(tiff(inks, photometric=CMYK, tags={EXTRA_SAMPLES: (2,), 34675: profile}))
    assert np.abs(found[0, 0] - [255, 0, 255, 128]).max() <= 2  # cyan and magenta are swapped
