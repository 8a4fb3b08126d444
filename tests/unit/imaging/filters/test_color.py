"""Colour filters against their matrices."""

import numpy as np
import pytest

from imaging.filters.color.saturation import Grayscale, Saturation, Sepia
from tests.unit.imaging.images import Array, array, canvas, colors, rounded

SEPIA = np.array([[0.393, 0.769, 0.189], [0.349, 0.686, 0.168], [0.272, 0.534, 0.131]])
WEIGHTS = {"luma601": [0.299, 0.587, 0.114], "luma709": [0.2126, 0.7152, 0.0722], "average": [1 / 3, 1 / 3, 1 / 3]}


def _close(actual: Array, expected: Array) -> None:
    """A matrix in single precision may round one level away."""
    np.testing.assert_allclose(actual, rounded(expected), atol=1)


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
@pytest.mark.parametrize("method", WEIGHTS)
def test_that_grayscale_weighs_the_channels(mode: str, method: str) -> None:
    image = canvas(mode)
    grey = Grayscale.model_validate({"method": method}).apply(image)
    assert grey.mode == ("LA" if mode == "RGBA" else "L")
    _close(colors(grey)[:, :, 0], colors(image) @ np.array(WEIGHTS[method]))


@pytest.mark.parametrize("method", WEIGHTS)
def test_that_grayscale_by_half_goes_half_of_the_way(method: str) -> None:
    image = canvas("RGB")
    grey = (colors(image) @ np.array(WEIGHTS[method]))[:, :, np.newaxis]
    _close(colors(Grayscale.model_validate({"method": method, "amount": 50}).apply(image)), (colors(image) + grey) / 2)


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
@pytest.mark.parametrize("amount", [30, 100])
def test_that_sepia_is_the_known_matrix(mode: str, amount: float) -> None:
    image = canvas(mode)
    share = amount / 100
    _close(colors(Sepia(amount=amount).apply(image)), colors(image) @ ((1 - share) * np.eye(3) + share * SEPIA).T)


@pytest.mark.parametrize(("mode", "toned"), [("L", "RGB"), ("LA", "RGBA")])
@pytest.mark.parametrize("amount", [30.0, 100.0])
def test_that_sepia_of_a_grey_is_sepia_of_the_same_color(mode: str, toned: str, amount: float) -> None:
    image = canvas(mode)
    from_grey, from_color = Sepia(amount=amount).apply(image), Sepia(amount=amount).apply(image.convert(toned))
    assert from_grey.mode == toned
    np.testing.assert_allclose(array(from_grey), array(from_color), atol=1)


@pytest.mark.parametrize("amount", [-100, -40, 60, 100])
def test_that_saturation_scales_the_distance_from_luma(amount: float) -> None:
    image = canvas("RGB")
    luma = (colors(image) @ np.array(WEIGHTS["luma601"]))[:, :, np.newaxis]
    _close(colors(Saturation(amount=amount).apply(image)), luma + (colors(image) - luma) * (1 + amount / 100))


def test_that_a_grey_image_has_no_color_to_change() -> None:
    for mode in ("L", "LA"):
        image = canvas(mode)
        assert Saturation(amount=100).apply(image) is image
        assert Grayscale().apply(image) is image
