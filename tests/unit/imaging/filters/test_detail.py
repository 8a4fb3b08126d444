"""Blur and sharpen against convolutions in numpy."""

import numpy as np
import pytest
from PIL import Image, ImageFilter

from imaging.filters.detail.blurs import Blur
from imaging.filters.detail.convolution import Sharpen
from tests.unit.imaging.images import MODES, array, blurred, canvas, colors, gaussian, psnr, rounded


@pytest.mark.parametrize("sigma", [0.8, 2.0, 5.0])
def test_that_a_blurred_edge_is_the_integral_of_the_gaussian(sigma: float) -> None:
    edge = Image.new("L", (121, 40))
    edge.paste(255, (60, 0, 121, 40))
    expected = 255 * np.cumsum(gaussian(sigma, 60))
    np.testing.assert_allclose(array(Blur(sigma=sigma).apply(edge))[20, :, 0], expected, atol=5)


@pytest.mark.parametrize("mode", ["L", "RGB"])
@pytest.mark.parametrize("sigma", [0.3, 1.5, 3.9, 4.0, 9.0, 40.0, 250.0])
def test_that_blur_is_the_sum_weighed_by_the_gaussian(sigma: float, mode: str) -> None:
    """Of black and white noise with lines along the edges: nothing is harder on a bell over a reduced picture."""
    image = canvas(mode, (150, 101)).point(lambda value: 255 * (value > 127))
    image.paste("white", (40, 0, 90, 1))
    expected, got = blurred(array(image), sigma), array(Blur(sigma=sigma).apply(image))
    assert psnr(got, expected) > 42
    np.testing.assert_allclose(got, expected, atol=8)


def test_that_blur_spreads_as_far_down_as_across() -> None:
    image = canvas("RGB")
    turned = image.transpose(Image.Transpose.TRANSPOSE)
    blurred = Blur(sigma=2).apply(turned).transpose(Image.Transpose.TRANSPOSE)
    np.testing.assert_allclose(array(Blur(sigma=2).apply(image)), array(blurred), atol=1)


@pytest.mark.parametrize("sigma", [0.3, 2.0, 250.0])
def test_that_blur_leaves_an_even_image_alone(sigma: float) -> None:
    for mode in MODES:
        even = Image.new(mode, (20, 10), tuple([90] * len(Image.new(mode, (1, 1)).getbands())))
        np.testing.assert_allclose(array(Blur(sigma=sigma).apply(even)), array(even), atol=2)


def test_that_blur_draws_no_dark_fringe_from_what_alpha_hides() -> None:
    image = Image.new("RGBA", (40, 40), (0, 0, 0, 0))
    image.paste((255, 40, 10, 255), (10, 10, 30, 30))
    blurred = array(Blur(sigma=3).apply(image))
    seen = blurred[:, :, 3] > 32
    np.testing.assert_allclose(blurred[seen][:, :3], np.full((seen.sum(), 3), [255, 40, 10]), atol=6)
    assert 0 < blurred[20, 8, 3] < 255


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("amount", [10.0, 50.0, 100.0])
def test_that_sharpen_moves_away_from_the_eight_neighbours(mode: str, amount: float) -> None:
    image = canvas(mode)
    own, weight = colors(image), amount / 400
    shifted = sum(np.roll(own, (down, across), (0, 1)) for down in (-1, 0, 1) for across in (-1, 0, 1)) - own
    expected = own * (1 + 8 * weight) - weight * shifted
    inside = (slice(1, -1), slice(1, -1))
    np.testing.assert_allclose(colors(Sharpen(amount=amount).apply(image))[inside], rounded(expected)[inside], atol=1)


def test_that_sharpen_at_half_is_pillows_own_but_for_the_edge() -> None:
    """Pillow leaves that as it was."""
    image, inside = canvas("RGB"), (slice(1, -1), slice(1, -1))
    expected = array(image.filter(ImageFilter.SHARPEN))
    np.testing.assert_array_equal(array(Sharpen().apply(image))[inside], expected[inside])
