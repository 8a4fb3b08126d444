"""Filters that make something else of a picture, against block means, coverages and statistics in numpy."""

from typing import Any

import numpy as np
import pytest
from PIL import Image

from imaging.filters import CATALOGUE
from imaging.filters.compose.tiles import fill_with_tiles
from imaging.filters.stylise.patterns import Pixelate
from tests.unit.imaging.images import MODES, array, canvas, colors


def apply(name: str, image: Image.Image, **parameters: Any) -> Image.Image:  # noqa: ANN401 - as they come from JSON
    return CATALOGUE[name].model_validate(parameters).apply(image)


@pytest.mark.parametrize("mode", ["L", "RGB"])
@pytest.mark.parametrize("size", [1, 4, 7, 1000])
def test_that_each_square_is_the_mean_of_its_pixels(mode: str, size: int) -> None:
    image = canvas(mode)
    own, drawn = array(image), array(Pixelate(size=size).apply(image))
    for top in range(0, image.height, size):
        for left in range(0, image.width, size):
            square = (slice(top, top + size), slice(left, left + size))
            mean = own[square].mean(axis=(0, 1))
            np.testing.assert_allclose(drawn[square], np.broadcast_to(mean, drawn[square].shape), atol=1)


def test_that_squares_take_no_color_from_what_alpha_hides() -> None:
    image = Image.new("RGBA", (8, 8), (0, 0, 0, 0))
    image.paste((200, 100, 50, 255), (0, 0, 4, 8))
    red, green, blue, alpha = array(Pixelate(size=8).apply(image))[0, 0]
    assert (red, green, blue) == pytest.approx((200, 100, 50), abs=2)
    assert alpha == pytest.approx(128, abs=1)


@pytest.mark.parametrize("mode", MODES)
def test_that_vignette_goes_towards_its_color_in_the_corners(mode: str) -> None:
    image = canvas(mode.removesuffix("A"), (120, 80)).convert(mode)
    own, shaded = (
        array(image.convert("RGB")),
        array(apply("vignette", image, strength=60, color="#0040ff").convert("RGB")),
    )
    y, x = np.mgrid[0:80, 0:120]
    away = np.hypot((x + 0.5) / 60 - 1, (y + 0.5) / 40 - 1) / np.sqrt(2)
    share = np.clip((away - 0.3) / 0.7, 0, 1)
    weight = (0.6 * share**2 * (3 - 2 * share))[:, :, np.newaxis]
    np.testing.assert_allclose(shaded, own + (np.array([0, 64, 255]) - own) * weight, atol=6)
    assert np.abs(shaded - (own + (np.array([0, 64, 255]) - own) * weight)).mean() < 1


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("mono", [True, False])
def test_that_noise_is_normal_around_what_was(mode: str, mono: bool) -> None:  # noqa: FBT001 - a test's parameter
    image = Image.new(mode, (200, 200), tuple([128] * len(Image.new(mode, (1, 1)).getbands())))
    grain = colors(apply("noise", image, amount=40, mono=mono)) - 128
    assert grain.mean() == pytest.approx(0, abs=0.6)
    assert grain.std() == pytest.approx(20, rel=0.03)
    assert np.mean(np.abs(grain) < 20) == pytest.approx(0.68, abs=0.03)
    if mode in {"RGB", "RGBA"}:
        alike = np.corrcoef(grain[:, :, 0].ravel(), grain[:, :, 1].ravel())[0, 1]
        assert alike == pytest.approx(float(mono), abs=0.02)


def test_that_another_seed_gives_other_grain_and_other_strips() -> None:
    image = canvas("RGB", (64, 64))
    for name in ("noise", "glitch"):
        assert apply(name, image, seed=1).tobytes() == apply(name, image, seed=1).tobytes()
        assert apply(name, image, seed=1).tobytes() != apply(name, image, seed=2).tobytes()


@pytest.mark.parametrize("level", [0, 40, 128, 200, 255])
def test_that_halftone_inks_as_much_as_is_dark(level: int) -> None:
    printed = colors(apply("halftone", Image.new("L", (160, 160), level), size=16))
    assert printed.mean() == pytest.approx(level, abs=7)


def test_that_halftone_takes_its_inks_and_leaves_alpha() -> None:
    tinted = apply("halftone", Image.new("RGBA", (20, 20), (0, 0, 0, 99)), ink="navy", paper="gold")
    assert array(tinted)[0, 0].tolist() == [0, 0, 128, 99]


def test_that_a_plane_is_filled_with_tiles() -> None:
    tile = canvas("L", (5, 4))
    np.testing.assert_array_equal(
        array(fill_with_tiles(tile, (23, 17)))[:, :, 0], np.tile(array(tile)[:, :, 0], (5, 5))[:17, :23]
    )


@pytest.mark.parametrize("mode", MODES)
def test_that_oil_paint_leaves_few_values(mode: str) -> None:
    painted = colors(apply("oil_paint", canvas(mode), size=3, levels=6))
    assert set(np.unique(painted)) <= {0, 51, 102, 153, 204, 255}


def test_that_a_cartoon_has_dark_edges_and_even_areas() -> None:
    image = Image.new("RGB", (60, 60), (200, 150, 100))
    image.paste((60, 90, 150), (20, 20, 40, 40))
    drawn = array(apply("cartoonify", image, levels=6))
    np.testing.assert_array_equal(drawn[5, 5], [204, 153, 102])
    np.testing.assert_array_equal(drawn[30, 30], [51, 102, 153])
    assert drawn[30, 17:23].min() < 20
    np.testing.assert_array_equal(array(apply("cartoonify", image, levels=6, edges=0))[30, 25], [51, 102, 153])


@pytest.mark.parametrize("mode", MODES)
def test_that_cross_process_raises_contrast_but_in_blue(mode: str) -> None:
    ramp = Image.fromarray(np.arange(256, dtype=np.uint8)[np.newaxis]).convert(mode)
    red, _, blue = array(apply("cross_process", ramp).convert("RGB"))[0].T
    assert (red[64], red[192]) == (42, 226)
    assert (blue[0], blue[255]) == (42, 212)
    half = array(apply("cross_process", ramp, amount=50).convert("RGB"))[0, :, 0]
    np.testing.assert_allclose(half, (red + np.arange(256)) / 2, atol=1)
