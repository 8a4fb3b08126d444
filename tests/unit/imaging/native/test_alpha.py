"""Colours times alpha and back, through OpenCV, and tables beside an alpha that must not see them."""

import numpy as np
import pytest
from PIL import Image

from imaging import native
from imaging.filters.alpha import apply_premultiplied
from imaging.filters.color_transform import apply_channel_luts, apply_lut
from imaging.filters.luts import tabulate
from imaging.native import is_array
from tests.unit.imaging.images import array, canvas

_DARKER = tabulate(lambda value: value / 2)
_INVERTED = tabulate(lambda value: 255 - value)


def _every_pair(mode: str) -> Image.Image:
    """Every value beside every alpha."""
    value, alpha = np.meshgrid(np.arange(256, dtype=np.uint8), np.arange(256, dtype=np.uint8))
    return Image.frombytes(mode, (256, 256), np.stack([value, value, value, alpha], axis=2).tobytes())


def test_that_colors_times_alpha_are_those_of_pillow() -> None:
    image = _every_pair("RGBA")
    np.testing.assert_array_equal(array(native.premultiply(image)), array(image.convert("RGBa")))


def test_that_the_way_back_is_rounded_and_clipped() -> None:
    image = _every_pair("RGBA")
    back = array(native.unpremultiply(Image.frombytes("RGBa", image.size, image.tobytes())))
    value, alpha = array(image)[:, :, 0], array(image)[:, :, 3]
    exact = np.where(alpha == 0, 0, np.minimum(255, 255 * value / np.maximum(alpha, 1)))
    assert np.abs(back[:, :, 0] - exact).max() <= 0.5
    np.testing.assert_array_equal(back[:, :, 3], alpha)


def test_that_larger_images_go_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    image = canvas("RGBA")
    whole = apply_premultiplied(image, lambda colors: colors)
    monkeypatch.setattr("imaging.memory.PIXELS_AT_ONCE", 4 * image.width)
    monkeypatch.setattr("imaging.memory._PIXELS_IN_BAND", 4 * image.width)
    np.testing.assert_array_equal(array(apply_premultiplied(image, lambda colors: colors)), array(whole))


@pytest.mark.parametrize("tables", [(_DARKER,), (_DARKER, _INVERTED, _DARKER)])
def test_that_tables_leave_the_alpha_of_an_array_alone(tables: tuple[tuple[int, ...], ...]) -> None:
    image = canvas("RGBA")
    held = apply_premultiplied(image, lambda colors: colors)
    assert is_array(held)
    apply = apply_lut if len(tables) == 1 else apply_channel_luts
    changed = array(apply(held, *tables))
    np.testing.assert_array_equal(changed[:, :, 3], array(image)[:, :, 3])
    np.testing.assert_array_equal(changed, array(apply(Image.fromarray(np.asarray(held)), *tables)))
