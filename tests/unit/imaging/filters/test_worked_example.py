"""The worked example of CONTRIBUTING.md works, and can be followed: no filter has its name yet."""

import numpy as np
import pytest

from imaging.filters import CATALOGUE
from tests.unit.imaging.filters.worked_example import SHEET, LiftBlacks
from tests.unit.imaging.images import MODES, array, canvas, colors


def test_the_catalogue_has_no_such_filter() -> None:
    assert LiftBlacks.name == "lift_blacks"
    assert LiftBlacks.name not in CATALOGUE


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("parameters", SHEET)
def test_dark_values_are_raised_and_others_stay(mode: str, parameters: dict[str, int]) -> None:
    image = canvas(mode)
    lifted = LiftBlacks.model_validate(parameters).apply(image)
    np.testing.assert_array_equal(colors(lifted), np.maximum(colors(image), parameters.get("level", 40)))
    if "A" in mode:
        np.testing.assert_array_equal(array(lifted)[..., -1], array(image)[..., -1])
