"""Whatever mode and profile a file has, filters see 8-bit sRGB."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageCms

from imaging.codecs.decoder import decode
from imaging.codecs.srgb import to_srgb
from imaging.limits import Limits
from imaging.pipeline.parse import parse_output_options, parse_pipeline
from imaging.render import render
from tests.unit.imaging import files
from tests.unit.imaging.images import array, canvas

RAMP = np.arange(0, 65536, 257, dtype=np.uint16)[np.newaxis]


def _decode(data: bytes) -> Image.Image:
    return decode(data, limits=Limits(), auto_orient=True)


def _pixel(image: Image.Image) -> tuple[float, ...]:
    return tuple(array(image)[0, 0])


@pytest.mark.parametrize(
    ("became", "modes"),
    [
        ("L", ["1", "L", "I", "F", "I;16", "I;16B"]),
        ("LA", ["LA"]),
        ("RGB", ["P", "RGB", "RGBX", "CMYK", "YCbCr", "LAB", "HSV"]),
        ("RGBA", ["PA", "RGBA", "RGBa"]),
    ],
)
def test_that_every_mode_becomes_one_of_four(became: str, modes: list[str]) -> None:
    assert [to_srgb(Image.new(mode, (3, 2))).mode for mode in modes] == [became] * len(modes)


@pytest.mark.parametrize("pillow_format", ["PNG", "TIFF"])
def test_that_16_bits_are_scaled_and_not_clipped(pillow_format: str) -> None:
    image = _decode(files.file(Image.fromarray(RAMP), pillow_format))
    assert image.mode == "L"
    np.testing.assert_array_equal(array(image)[0, :, 0], np.arange(256))


def test_that_16_bits_are_rounded() -> None:
    values = np.array([[0, 128, 129, 385, 386, 65535]], np.uint16)
    np.testing.assert_array_equal(
        array(_decode(files.file(Image.fromarray(values), "PNG")))[0, :, 0], [0, 0, 1, 1, 2, 255]
    )


def test_that_big_endian_16_bits_are_the_same() -> None:
    image = Image.frombytes("I;16B", (256, 1), RAMP.astype(">u2").tobytes())
    np.testing.assert_array_equal(array(to_srgb(image))[0, :, 0], np.arange(256))


def test_that_wider_samples_reach_from_black_to_white() -> None:
    for values in (np.array([[-2.0, 0.0, 2.0]], np.float32), np.array([[10, 510, 1010]], np.int32)):
        np.testing.assert_array_equal(
            array(_decode(files.file(Image.fromarray(values), "TIFF")))[0, :, 0], [0, 128, 255]
        )
    assert _pixel(to_srgb(Image.new("F", (2, 2), 7.0))) == (0,)


@pytest.mark.parametrize(
    ("mode", "key", "became", "pixels"),
    [
        ("L", 5, "LA", [[5, 0], [9, 255]]),
        ("RGB", (5, 5, 5), "RGBA", [[5, 5, 5, 0], [9, 9, 9, 255]]),
        ("1", 0, "LA", [[0, 0], [255, 255]]),
    ],
)
def test_that_a_transparent_color_becomes_alpha(mode: str, key: object, became: str, pixels: list[list[int]]) -> None:
    image = Image.fromarray(np.array([[5, 9]], np.uint8)).convert("RGB").convert(mode, dither=Image.Dither.NONE)
    if mode == "1":
        image = Image.new("1", (2, 1))
        image.putpixel((1, 0), 1)
    decoded = _decode(files.file(image, "PNG", transparency=key))
    assert decoded.mode == became
    assert array(decoded)[0].tolist() == pixels


def test_that_a_transparent_palette_entry_becomes_alpha() -> None:
    image = Image.new("P", (2, 1))
    image.putpalette([255, 0, 0, 0, 0, 255])
    image.putpixel((1, 0), 1)
    decoded = _decode(files.file(image, "PNG", transparency=0))
    assert array(decoded)[0].tolist() == [[255, 0, 0, 0], [0, 0, 255, 255]]


def test_that_cmyk_is_the_same_with_and_without_adobes_marker() -> None:
    """Inverted in both, as Pillow, libvips and browsers read it: writers that leave the marker out invert as Adobe."""
    yellow = Image.new("CMYK", (16, 16), (0, 0, 255, 0))
    by_adobe = files.file(yellow, "JPEG", quality=100)
    by_others = files.without_adobe_marker(by_adobe)
    for data in (by_adobe, by_others, files.file(yellow, "TIFF")):
        assert _pixel(_decode(data)) == pytest.approx((255, 255, 0), abs=2)


@pytest.mark.parametrize("pillow_format", ["PNG", "JPEG", "WEBP", "TIFF"])
def test_that_a_profile_is_applied(pillow_format: str) -> None:
    options = {"lossless": True} if pillow_format == "WEBP" else {"quality": 100}
    red = Image.new("RGB", (16, 16), (255, 0, 0))
    image = _decode(files.file(red, pillow_format, icc_profile=files.swapped_rgb_profile(), **options))
    assert _pixel(image) == pytest.approx((0, 255, 0), abs=3)


@pytest.mark.parametrize("pillow_format", ["TIFF", "JPEG"])
@pytest.mark.parametrize(
    ("inks", "seen"),
    [
        ((0, 0, 0, 0), (255, 255, 255)),
        ((255, 0, 0, 0), (255, 0, 255)),
        ((0, 255, 0, 0), (0, 255, 255)),
        ((0, 0, 255, 0), (255, 255, 0)),
        ((0, 0, 0, 255), (0, 0, 0)),
    ],
)
def test_that_a_cmyk_profile_is_applied(
    pillow_format: str, inks: tuple[int, int, int, int], seen: tuple[int, int, int]
) -> None:
    printed = Image.new("CMYK", (16, 16), inks)
    data = files.file(printed, pillow_format, icc_profile=files.press_profile(), quality=100)
    assert _pixel(_decode(data)) == pytest.approx(seen, abs=9)


def test_that_the_darkest_ink_is_black() -> None:
    """Black-point compensation: without it, a press that prints dark grey at best would give dark grey."""
    printed = Image.new("CMYK", (16, 16), (0, 0, 0, 255))
    data = files.file(printed, "TIFF", icc_profile=files.press_profile(darkest=0.2))
    assert _pixel(_decode(data)) == pytest.approx((0, 0, 0), abs=6)
    paper = files.file(Image.new("CMYK", (16, 16)), "TIFF", icc_profile=files.press_profile(darkest=0.2))
    assert _pixel(_decode(paper)) == pytest.approx((255, 255, 255), abs=3)


def test_that_16_bit_palette_and_1_bit_images_are_rendered_unchanged() -> None:
    palette = files.quarters().quantize(6)
    one_bit = Image.fromarray((np.indices((9, 9)).sum(axis=0) % 2 * 255).astype(np.uint8)).convert("1")
    deep = Image.fromarray(RAMP)
    for image in (palette, one_bit, deep):
        for pillow_format in ("PNG", "TIFF"):
            written = render(
                files.file(image, pillow_format), parse_pipeline([]), parse_output_options({}), limits=Limits()
            )
            found = Image.open(BytesIO(written.data))
            expected = to_srgb(image) if image is not deep else deep
            assert found.mode in {expected.mode, "P", "1"}
            np.testing.assert_array_equal(array(found.convert(expected.mode)), array(expected))


def test_that_a_profile_leaves_alpha_alone() -> None:
    image = canvas("RGBA")
    converted = _decode(files.file(image, "PNG", icc_profile=files.swapped_rgb_profile()))
    np.testing.assert_array_equal(array(converted)[:, :, 3], array(image)[:, :, 3])
    # The same primaries the other way round, and 2.2 is close to sRGB's own curve.
    np.testing.assert_allclose(array(converted)[:, :, :3], array(image)[:, :, [1, 0, 2]], atol=9)


@pytest.mark.parametrize("mode", ["L", "LA"])
def test_that_a_grey_profile_keeps_grey(mode: str) -> None:
    grey = Image.new(mode, (4, 4), (128, 77)[: len(mode)])
    converted = _decode(files.file(grey, "PNG", icc_profile=files.linear_grey_profile()))
    assert converted.mode == mode
    linear = 128 / 255
    assert _pixel(converted)[0] == pytest.approx(255 * (1.055 * linear ** (1 / 2.4) - 0.055), abs=1.5)
    assert _pixel(converted)[1:] == ((77,) if mode == "LA" else ())


@pytest.mark.parametrize(
    ("mode", "profile"),
    [
        ("RGB", b"garbage"),
        ("RGB", files.swapped_rgb_profile()[:200]),
        ("RGB", files.linear_grey_profile()),
        ("L", files.swapped_rgb_profile()),
        ("CMYK", files.swapped_rgb_profile()),
    ],
)
def test_that_a_broken_or_foreign_profile_is_dropped(mode: str, profile: bytes) -> None:
    image = canvas(mode)
    with_profile = _decode(files.file(image, "TIFF", icc_profile=profile))
    np.testing.assert_array_equal(array(with_profile), array(_decode(files.file(image, "TIFF"))))


def test_that_an_srgb_profile_costs_nothing() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    image = Image.open(BytesIO(files.file(canvas("RGB"), "PNG", icc_profile=profile)))
    image.load()
    assert to_srgb(image) is image
