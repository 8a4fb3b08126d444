"""Crop against slices in numpy."""

from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from core.errors import InvalidStep
from imaging.filters.geometry.crop import Crop
from tests.unit.imaging.images import MODES, array, canvas

SIZE = (40, 30)


@pytest.mark.parametrize(
    ("parameters", "box"),
    [
        ({}, (0, 0, 40, 30)),
        ({"left": 5, "top": 6, "width": 7, "height": 8}, (5, 6, 12, 14)),
        ({"left": 5, "top": 6}, (5, 6, 40, 30)),
        ({"left": "25%", "top": "50%", "width": "50%", "height": "10%"}, (10, 15, 30, 18)),
        ({"left": "0%", "width": "100%"}, (0, 0, 40, 30)),
        ({"left": 0, "top": 0, "width": "0.01%", "height": "0.01%"}, (0, 0, 1, 1)),
        ({"left": 35, "top": 25, "width": 100, "height": 100}, (35, 25, 40, 30)),
        ({"width": 10, "height": 10}, (15, 10, 25, 20)),
        ({"width": 10, "height": 10, "gravity": "northwest"}, (0, 0, 10, 10)),
        ({"width": 10, "height": 10, "gravity": "north"}, (15, 0, 25, 10)),
        ({"width": 10, "height": 10, "gravity": "northeast"}, (30, 0, 40, 10)),
        ({"width": 10, "height": 10, "gravity": "west"}, (0, 10, 10, 20)),
        ({"width": 10, "height": 10, "gravity": "east"}, (30, 10, 40, 20)),
        ({"width": 10, "height": 10, "gravity": "southwest"}, (0, 20, 10, 30)),
        ({"width": 10, "height": 10, "gravity": "south"}, (15, 20, 25, 30)),
        ({"width": 10, "height": 10, "gravity": "southeast"}, (30, 20, 40, 30)),
        ({"width": 999, "height": 10}, (0, 10, 40, 20)),
        ({"left": 3, "width": 10, "height": 10, "gravity": "south"}, (3, 20, 13, 30)),
        ({"aspect": "1:1"}, (5, 0, 35, 30)),
        ({"aspect": "1:1", "gravity": "west"}, (0, 0, 30, 30)),
        ({"aspect": "2:1", "gravity": "south"}, (0, 10, 40, 30)),
        ({"aspect": "1.5:3", "gravity": "east"}, (25, 0, 40, 30)),
        ({"aspect": "99999:1"}, (0, 14, 40, 15)),
    ],
)
def test_that_the_box_is_cut(parameters: dict[str, Any], box: tuple[int, int, int, int]) -> None:
    left, top, right, bottom = box
    step = Crop.model_validate(parameters)
    for mode in MODES:
        image = canvas(mode, SIZE)
        np.testing.assert_array_equal(array(step.apply(image)), array(image)[top:bottom, left:right])
    assert step.size_after(SIZE) == (right - left, bottom - top)


@pytest.mark.parametrize("parameters", [{"left": 40}, {"top": 30, "height": 5}, {"left": "100%"}, {"left": 1_000_000}])
def test_that_a_box_outside_is_rejected(parameters: dict[str, Any]) -> None:
    with pytest.raises(InvalidStep, match="outside the image of 40 x 30 pixels"):
        Crop.model_validate(parameters).apply(canvas("RGB", SIZE))


@pytest.mark.parametrize(
    "parameters",
    [
        {"left": -1},
        {"left": 1.5},
        {"left": True},
        {"left": "5"},
        {"left": "-5%"},
        {"left": "101%"},
        {"left": "٣%"},
        {"left": "1" * 9999 + "%"},
        {"width": 0},
        {"width": "0%"},
        {"width": 1_000_001},
        {"width": [5]},
        {"aspect": "0:1"},
        {"aspect": "16x9"},
        {"aspect": "16:9", "left": 0},
        {"aspect": "16:9", "height": "10%"},
        {"gravity": "middle"},
    ],
)
def test_that_a_wrong_box_is_rejected(parameters: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Crop.model_validate(parameters)
