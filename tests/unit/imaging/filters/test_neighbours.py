"""Filters that look at neighbours, against sums and ranks over windows in numpy."""

from typing import Any

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view
from PIL import Image, ImageFilter
from pydantic import ValidationError

from imaging.filters import CATALOGUE
from tests.unit.imaging.images import MODES, Array, array, blurred, canvas, colors, psnr, rounded


def apply(name: str, image: Image.Image, **parameters: Any) -> Image.Image:  # noqa: ANN401 - as they come from JSON
    return CATALOGUE[name].model_validate(parameters).apply(image)


def windows(values: Array, height: int, width: int) -> Array:
    """Each pixel's neighbourhood in two last axes; beyond the edge its last pixels go on."""
    beyond = ((height // 2,) * 2, (width // 2,) * 2, (0, 0))
    return sliding_window_view(np.pad(values, beyond, mode="edge"), (height, width), (0, 1))


def gentle(mode: str, size: tuple[int, int] = (60, 50)) -> Image.Image:
    """A picture without hard edges, opaque."""
    across, down = np.meshgrid(np.linspace(0, 6, size[0]), np.linspace(0, 5, size[1]))
    bands = [120 + 50 * np.sin(across + shift) + 50 * np.cos(down * 1.3 - shift) for shift in (0, 1, 2)]
    image = Image.fromarray(np.stack(bands, 2).astype(np.uint8))
    return image.convert(mode)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("name", "rank"), [("median", 0.5), ("min", 0), ("max", 1)])
@pytest.mark.parametrize("size", [1, 3, 5, 9])
def test_that_ranks_are_those_of_the_square(name: str, rank: float, size: int, mode: str) -> None:
    image = canvas(mode)
    expected = np.quantile(windows(colors(image), size, size), rank, axis=(-2, -1))
    np.testing.assert_array_equal(colors(apply(name, image, size=size)), expected)


@pytest.mark.parametrize("size", [1, 3, 9, 15, 17])
@pytest.mark.parametrize("values", [4, 256])
def test_that_mode_is_pillows_own(values: int, size: int) -> None:
    """In a picture of several tiles, whose filter of the same name takes a second for each million pixels."""
    noise = np.random.default_rng(1).integers(0, values, (300, 310, 3)).astype(np.uint8)
    image = Image.fromarray(noise)
    expected = image.filter(ImageFilter.ModeFilter(size))
    np.testing.assert_array_equal(array(apply("mode", image, size=size)), array(expected))


@pytest.mark.parametrize("values", [4, 256])
def test_that_mode_is_pillows_own_in_the_largest_square(values: int) -> None:
    """Whose counts leave no room for all values in 16 bits."""
    image = Image.fromarray(np.random.default_rng(1).integers(0, values, (50, 60, 3)).astype(np.uint8))
    expected = image.filter(ImageFilter.ModeFilter(31))
    np.testing.assert_array_equal(array(apply("mode", image, size=31)), array(expected))


@pytest.mark.parametrize("size", [0, 2, 30, 33])
def test_that_a_square_needs_a_middle(size: int) -> None:
    with pytest.raises(ValidationError):
        CATALOGUE["median"].model_validate({"size": size})


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("side", [3, 5])
def test_that_convolution_is_the_weighed_sum(side: int, mode: str) -> None:
    image = canvas(mode)
    kernel = np.random.default_rng(side).integers(-3, 6, (side, side))
    divisor = kernel.sum() if kernel.sum() > 0 else 1
    expected = (windows(colors(image), side, side) * kernel).sum((-2, -1)) / divisor + 10
    convolved = apply("convolution", image, kernel=kernel.ravel().tolist(), offset=10)
    np.testing.assert_allclose(colors(convolved), rounded(expected), atol=1)


def test_that_a_kernel_is_a_square() -> None:
    with pytest.raises(ValidationError, match="9 weights"):
        CATALOGUE["convolution"].model_validate({"kernel": [1] * 10})


@pytest.mark.parametrize(
    ("name", "parameters", "kernel", "scale_and_offset"),
    [
        ("smooth", {}, [1, 1, 1, 1, 5, 1, 1, 1, 1], (13, 0)),
        ("detail", {}, [0, -1, 0, -1, 10, -1, 0, -1, 0], (6, 0)),
        ("edge_enhance", {}, [-1, -1, -1, -1, 10, -1, -1, -1, -1], (2, 0)),
        ("edge_enhance", {"more": True}, [-1, -1, -1, -1, 9, -1, -1, -1, -1], (1, 0)),
        ("find_edges", {}, [-1, -1, -1, -1, 8, -1, -1, -1, -1], (1, 0)),
        ("contour", {}, [-1, -1, -1, -1, 8, -1, -1, -1, -1], (1, 255)),
        ("emboss", {}, [0, 0, 0, 0, 1, 0, -1, 0, 0], (1, 128)),
    ],
)
def test_that_a_kernel_of_its_own_is_the_known_one(
    name: str, parameters: dict[str, Any], kernel: list[int], scale_and_offset: tuple[int, int]
) -> None:
    scale, offset = scale_and_offset
    inside = (slice(1, -1), slice(1, -1))
    for mode in MODES:
        image = gentle(mode)
        weighed = (windows(colors(image), 3, 3) * np.reshape(kernel, (3, 3))).sum((-2, -1)) / scale + offset
        np.testing.assert_allclose(colors(apply(name, image, **parameters))[inside], rounded(weighed)[inside], atol=1)


@pytest.mark.parametrize("radius", [0, 1, 2.5, 7])
@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_that_box_blur_is_the_mean_of_the_square(radius: float, mode: str) -> None:
    image = canvas(mode)
    whole = int(radius)
    line = np.array([radius - whole, *[1.0] * (2 * whole + 1), radius - whole]) / (2 * radius + 1)
    side = len(line)
    expected = (windows(colors(image), side, side) * np.outer(line, line)).sum((-2, -1))
    np.testing.assert_allclose(colors(apply("box_blur", image, radius=radius)), expected, atol=1.1)


@pytest.mark.parametrize(("angle", "height", "width"), [(0, 1, 9), (90, 9, 1), (180, 1, 9), (-90, 9, 1)])
def test_that_motion_blur_is_the_mean_of_a_line(angle: float, height: int, width: int) -> None:
    image = canvas("RGB")
    expected = windows(colors(image), height, width).mean((-2, -1))
    np.testing.assert_allclose(colors(apply("motion_blur", image, length=9, angle=angle)), expected, atol=1)


@pytest.mark.parametrize("angle", [30, 45, -60])
@pytest.mark.parametrize("mode", MODES)
def test_that_motion_blur_aslant_is_the_mean_along_the_slant(angle: float, mode: str) -> None:
    image = gentle(mode)
    cosine, sine = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    y, x = np.mgrid[8:42, 8:52].astype(float)
    steps = np.linspace(-5, 5, 101)
    blurred = colors(apply("motion_blur", image, length=11, angle=angle))[8:42, 8:52]
    own = colors(image)
    expected = np.mean([_sampled(own, y + step * sine, x + step * cosine) for step in steps], axis=0)
    assert psnr(blurred, expected) > 40


def _sampled(values: Array, y: Array, x: Array) -> Array:
    """Bilinear."""
    top, left = np.floor(y).astype(int), np.floor(x).astype(int)
    down, across = (y - top)[..., None], (x - left)[..., None]
    upper = values[top, left] * (1 - across) + values[top, left + 1] * across
    lower = values[top + 1, left] * (1 - across) + values[top + 1, left + 1] * across
    sampled: Array = upper * (1 - down) + lower * down
    return sampled


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_that_zoom_blur_is_the_mean_along_the_rays(mode: str) -> None:
    image = gentle(mode)
    y, x = np.mgrid[5:45, 5:55].astype(float)
    zooms = 1.3 ** -(np.arange(64) / 64)
    expected = np.mean(
        [_sampled(colors(image), 24.5 + (y - 24.5) * zoom, 29.5 + (x - 29.5) * zoom) for zoom in zooms], axis=0
    )
    assert psnr(colors(apply("zoom_blur", image, amount=30))[5:45, 5:55], expected) > 40


def test_that_tilt_shift_keeps_the_strip_and_blurs_the_rest() -> None:
    image = canvas("RGBA", (30, 100))
    shifted = array(apply("tilt_shift", image, position=50, width=20, sigma=3))
    whole_blur = array(apply("blur", image, sigma=3))
    np.testing.assert_allclose(shifted[41:59, :, 3], array(image)[41:59, :, 3], atol=0)
    np.testing.assert_allclose(shifted[:19], whole_blur[:19], atol=1)
    np.testing.assert_allclose(shifted[81:], whole_blur[81:], atol=1)
    image = canvas("RGB", (30, 100))
    upright = array(apply("tilt_shift", image.transpose(Image.Transpose.TRANSPOSE), sigma=3, direction="vertical"))
    np.testing.assert_allclose(upright.transpose(1, 0, 2), array(apply("tilt_shift", image, sigma=3)), atol=3)


@pytest.mark.parametrize("mode", MODES)
def test_that_unsharp_mask_adds_what_a_blurred_copy_lacks(mode: str) -> None:
    image = canvas(mode)
    missing = colors(image) - blurred(colors(image), 1.5)
    expected = rounded(colors(image) + np.where(np.abs(missing) > 10, missing * 0.8, 0))
    sharp = colors(apply("unsharp_mask", image, radius=1.5, percent=80, threshold=10))
    clear = np.abs(np.abs(missing) - 10) > 3  # a level of the blurred copy decides on the others
    np.testing.assert_allclose(sharp[clear], expected[clear], atol=2)
    np.testing.assert_allclose(sharp, expected, atol=11)
    assert psnr(sharp, expected) >= 40


@pytest.mark.parametrize("mode", MODES)
def test_that_denoise_smooths_flats_and_keeps_edges(mode: str) -> None:
    step = np.where(np.arange(40) < 20, 60, 200) + np.random.default_rng(2).integers(-6, 7, (40, 40))
    image = Image.fromarray(step.astype(np.uint8)).convert(mode)
    quiet = colors(apply("denoise", image))
    assert quiet[:, 5:15].std() < 0.5 * colors(image)[:, 5:15].std()
    np.testing.assert_allclose(quiet[:, 20] - quiet[:, 19], 140, atol=16)


@pytest.mark.parametrize("mode", MODES)
def test_that_glow_screens_with_the_blurred_light(mode: str) -> None:
    image = gentle(mode)
    light = blurred(colors(image), 5)
    screened = 255 - (255 - colors(image)) * (255 - light) / 255
    expected = colors(image) * 0.4 + screened * 0.6
    np.testing.assert_allclose(colors(apply("glow", image, amount=60, sigma=5)), expected, atol=2)


@pytest.mark.parametrize("mode", MODES)
def test_that_sketch_draws_what_is_darker_than_around(mode: str) -> None:
    image = gentle(mode)
    grey = image.convert("RGB").convert("L")
    expected = 255 - np.clip((blurred(colors(grey), 3) - colors(grey)) * 5, 0, 255)
    drawn = apply("sketch", image, strength=50, sigma=3)
    assert drawn.mode == ("LA" if mode.endswith("A") else "L")
    np.testing.assert_allclose(colors(drawn), expected, atol=5)  # five times a rounded level
    assert psnr(colors(drawn), expected) >= 40
    assert np.unique(colors(apply("sketch", image, strength=0))).tolist() == [255]


@pytest.mark.parametrize("name", ["box_blur", "motion_blur", "zoom_blur", "tilt_shift", "smooth"])
def test_that_no_blur_takes_color_from_what_alpha_hides(name: str) -> None:
    image = Image.new("RGBA", (40, 40), (0, 0, 0, 0))
    image.paste((255, 40, 10, 255), (10, 10, 30, 30))
    blurred = array(apply(name, image))
    seen = blurred[:, :, 3] > 48
    np.testing.assert_allclose(blurred[seen][:, :3], np.full((seen.sum(), 3), [255, 40, 10]), atol=8)


@pytest.mark.parametrize(("name", "parameters"), [("median", {}), ("blur", {"sigma": 9.0}), ("max", {"size": 31})])
def test_that_no_seam_shows_where_a_large_image_is_taken_in_parts(name: str, parameters: dict[str, Any]) -> None:
    noise = np.random.default_rng(4).integers(0, 256, (9000, 2000), dtype=np.uint8)
    whole = array(apply(name, Image.fromarray(noise), **parameters))
    seam = 2**24 // 2000
    around = array(apply(name, Image.fromarray(noise[seam - 100 : seam + 100]), **parameters))
    np.testing.assert_allclose(whole[seam - 50 : seam + 50], around[50:-50], atol=2 * (name == "blur"))
