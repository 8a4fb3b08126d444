"""Colours under alpha 0 are nobody's business: no filter shows them."""

from typing import Any

import numpy as np
import pytest
from PIL import Image

from imaging.codecs.frames import Frame
from imaging.filters import CATALOGUE
from imaging.filters.auxiliary import AuxiliaryImageFilter
from imaging.limits import Limits
from imaging.native.hidden_colors import clear_hidden_colors, fill_hidden_colors, hides_colors
from imaging.pipeline.passes import pass_of
from imaging.pipeline.run import PlanRunner
from tests.unit.imaging.filters import auxiliary
from tests.unit.imaging.filters.test_pictures import SHEETS
from tests.unit.imaging.images import Array, array, canvas

STEPS = [
    pytest.param(name, step, id=f"{name}-{index}") for name in CATALOGUE for index, step in enumerate(SHEETS[name])
]
COLOR = (200, 10, 50)


def with_hidden(mode: str, seed: int, size: tuple[int, int] = (61, 47)) -> Image.Image:
    """A disc, a line and single pixels of random colours; `seed` decides on what is hidden around them."""
    image, hidden = canvas(mode, size), canvas(mode, size, seed=seed)
    down, across = np.mgrid[: size[1], : size[0]]
    shown = (np.hypot(down - 20, across - 25) < 15) | (across == 55) | ((down % 9 == 0) & (across % 11 == 0))
    alpha = Image.fromarray((shown * 255).astype(np.uint8))
    mixed = Image.composite(image, hidden, alpha)
    mixed.putalpha(alpha)
    return mixed


def run(name: str, step: dict[str, Any], image: Image.Image) -> Image.Image:
    filters = CATALOGUE[name].model_validate(step)
    images = auxiliary.IMAGES if isinstance(filters, AuxiliaryImageFilter) else {}
    runner = PlanRunner([pass_of(filters, 0)], Limits(), auxiliary_images=images)
    return next(runner.run([Frame(image)])).image


def visible(image: Image.Image) -> Array:
    values = array(image)
    if image.mode in {"LA", "RGBA"}:
        values[values[:, :, -1] == 0] = 0
    return values


@pytest.mark.parametrize("mode", ["LA", "RGBA"])
@pytest.mark.parametrize(("name", "step"), STEPS)
def test_that_no_filter_shows_them(name: str, step: dict[str, Any], mode: str) -> None:
    one, other = (run(name, step, with_hidden(mode, seed)) for seed in (1, 2))
    assert one.mode == other.mode
    np.testing.assert_array_equal(visible(one), visible(other))


def test_that_a_shape_of_one_colour_has_no_rim() -> None:
    image = Image.new("RGBA", (60, 60), (0, 0, 0, 0))
    image.paste((*COLOR, 255), (20, 20, 40, 40))
    for name in ("sharpen", "unsharp_mask", "min", "max", "median", "edge_enhance"):
        shown = array(run(name, {}, image))
        assert np.unique(shown[shown[:, :, 3] > 0], axis=0).tolist() == [[*COLOR, 255]]
        assert not shown[shown[:, :, 3] == 0].any()


def test_that_they_are_filled_with_what_is_visible_nearby() -> None:
    image = Image.new("RGBA", (64, 48), (0, 0, 0, 0))
    image.paste((*COLOR, 255), (0, 0, 9, 48))
    image.paste((0, 255, 0, 255), (50, 0, 64, 48))
    filled = array(fill_hidden_colors(image))
    assert filled[20, 10].tolist() == [*COLOR, 0]
    assert filled[20, 48].tolist() == [0, 255, 0, 0]
    assert not hides_colors(Image.new("RGBA", (3, 3)))
    assert not hides_colors(Image.new("RGBA", (3, 3), (0, 0, 0, 1)))


@pytest.mark.parametrize("size", [(1, 2), (2, 1), (7, 5), (64, 64)])
def test_that_any_size_can_be_filled(size: tuple[int, int]) -> None:
    image = Image.new("LA", size, (90, 0))
    image.putpixel((0, 0), (7, 1))
    filled = array(fill_hidden_colors(image))
    assert (filled[:, :, 0] == 7).all()
    assert np.array_equal(filled[:, :, 1], array(image)[:, :, 1])
    assert array(clear_hidden_colors(image)).sum() == 8
