"""Tone filters against their formulas."""

import numpy as np
import pytest

from imaging.filters.tone.brightness import Brightness, Contrast, Invert
from tests.unit.imaging.images import MODES, array, canvas, colors, rounded


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("amount", [-100, -37.5, 0, 12, 100])
def test_that_brightness_adds(mode: str, amount: float) -> None:
    image = canvas(mode)
    changed = Brightness(amount=amount).apply(image)
    np.testing.assert_array_equal(colors(changed), rounded(colors(image) + amount * 2.55))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("amount", [-100, -50, 0, 50, 100])
def test_that_contrast_turns_about_middle_grey(mode: str, amount: float) -> None:
    image = canvas(mode)
    changed = Contrast(amount=amount).apply(image)
    slope = {-100: 0.0, -50: np.sqrt(2) - 1, 0: 1.0, 50: np.sqrt(2) + 1, 100: 1e9}[int(amount)]
    np.testing.assert_allclose(colors(changed), rounded(127.5 + (colors(image) - 127.5) * slope), atol=1)


def test_that_contrast_at_its_ends_is_flat_or_black_and_white() -> None:
    image = canvas("RGB")
    assert set(np.unique(array(Contrast(amount=-100).apply(image)))) == {128}
    assert set(np.unique(array(Contrast(amount=100).apply(image)))) == {0, 255}


@pytest.mark.parametrize("mode", MODES)
def test_that_invert_is_the_negative(mode: str) -> None:
    image = canvas(mode)
    np.testing.assert_array_equal(colors(Invert().apply(image)), 255 - colors(image))
    np.testing.assert_array_equal(array(Invert().apply(Invert().apply(image))), array(image))
