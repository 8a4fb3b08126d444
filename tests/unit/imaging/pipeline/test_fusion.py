"""Which neighbours are fused into one pass, and how far that may be off."""

from typing import Any

import numpy as np
import pytest
from PIL import Image

from imaging.codecs.source_info import SourceInfo
from imaging.filters.color_transform import (
    IDENTITY,
    LUMA_601,
    LUMA_709,
    blend_with_identity,
    error_gain,
    multiply_matrices,
    stays_in_range,
)
from imaging.pipeline.parse import parse_pipeline
from imaging.pipeline.plan import compile_plan
from tests.unit.imaging.images import array, canvas

Json = dict[str, Any]

PNG = SourceInfo(format="png", size=(40, 30))
PALE: Json = {"filter": "saturation", "amount": -30}
STRONG: Json = {"filter": "saturation", "amount": 30}
HALF_SEPIA: Json = {"filter": "sepia", "amount": 50}


def passes(*steps: str | Json) -> list[str]:
    written = [{"filter": step} if isinstance(step, str) else step for step in steps]
    return [each.name for each in compile_plan(parse_pipeline(written).steps, PNG).passes]


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([PALE, HALF_SEPIA], ["saturation+sepia"]),
        ([PALE, PALE, "swap_channels"], ["saturation+saturation+swap_channels"]),
        ([PALE, "grayscale", "invert"], ["saturation+grayscale+invert"]),
        ([STRONG, HALF_SEPIA], ["saturation", "sepia"]),
        ([HALF_SEPIA, PALE], ["sepia", "saturation"]),
        (["invert", PALE], ["invert", "saturation"]),
        ([PALE, "invert", PALE], ["saturation+invert", "saturation"]),
        ([{"filter": "hue", "angle": 90.0}, PALE], ["hue", "saturation"]),
    ],
)
def test_mixtures_are_fused_where_nothing_is_clipped_between(steps: list[str | Json], expected: list[str]) -> None:
    assert passes(*steps) == expected


def test_no_more_roundings_are_omitted_than_two_levels_allow() -> None:
    strong = {"filter": "color_matrix", "matrix": [[4, -3, 0], [0, 1, 0], [0, 0, 1]]}
    assert passes(PALE, strong) == ["saturation", "color_matrix"]
    assert passes(PALE, PALE, PALE, STRONG) == ["saturation+saturation+saturation", "saturation"]


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        (["grayscale", "contrast", "sepia"], ["grayscale+contrast+sepia"]),
        (["grayscale", STRONG, "duotone", "invert"], ["grayscale+saturation+duotone+invert"]),
        (["duotone", STRONG], ["duotone", "saturation"]),
        (["grayscale", "sharpen", "sepia"], ["grayscale", "sharpen", "sepia"]),
    ],
)
def test_after_a_grey_everything_is_a_table(steps: list[str | Json], expected: list[str]) -> None:
    assert passes(*steps) == expected


@pytest.mark.parametrize("step", ["sepia", "duotone", "monochrome", "colorize"])
@pytest.mark.parametrize("mode", ["L", "LA"])
def test_grey_gets_the_colors_that_the_same_grey_in_rgb_gets(step: str, mode: str) -> None:
    image = canvas(mode)
    (filter_,) = parse_pipeline([{"filter": step}]).steps
    in_color = filter_.apply(image.convert(mode.replace("L", "RGB")))
    assert np.abs(array(filter_.apply(image)) - array(in_color)).max() <= 1


@pytest.mark.parametrize("mode", ["L", "LA"])
@pytest.mark.parametrize(
    "step", [STRONG, PALE, {"filter": "hue", "angle": 77.0}, {"filter": "grayscale", "amount": 41.0}]
)
def test_grey_stays_as_it_is_where_its_luma_does(step: Json, mode: str) -> None:
    image = canvas(mode)
    (filter_,) = parse_pipeline([step]).steps
    assert filter_.apply(image) is image


def test_sepia_is_its_matrix_to_one_level_whatever_the_color() -> None:
    every = np.stack(np.meshgrid(*[np.arange(0, 256, 5)] * 3), -1).reshape(-1, 1, 3).astype(np.uint8)
    matrix = (0.393, 0.769, 0.189, 0, 0.349, 0.686, 0.168, 0, 0.272, 0.534, 0.131, 0)
    cube = Image.fromarray(every)
    (sepia,) = parse_pipeline([{"filter": "sepia"}]).steps
    assert np.abs(array(sepia.apply(cube)) - array(cube.convert("RGB", matrix))).max() <= 1


def test_what_stays_in_range() -> None:
    assert stays_in_range(IDENTITY)
    assert stays_in_range((LUMA_709,))
    assert stays_in_range(blend_with_identity((LUMA_601, LUMA_601, LUMA_601), 0.7))
    assert not stays_in_range(blend_with_identity((LUMA_601, LUMA_601, LUMA_601), -0.1))
    assert not stays_in_range(((1.1, 0, 0), (0, 1, 0), (0, 0, 1)))


def test_products_are_those_of_matrices() -> None:
    first = blend_with_identity((LUMA_601, LUMA_709, LUMA_601), 0.4)
    both = multiply_matrices(first, blend_with_identity((LUMA_709, LUMA_601, LUMA_601), -0.8))
    expected = np.array(blend_with_identity((LUMA_709, LUMA_601, LUMA_601), -0.8)) @ np.array(first)
    assert np.allclose(both, expected, atol=1e-8)
    assert multiply_matrices(blend_with_identity((LUMA_601, LUMA_601, LUMA_601), 0.3), (LUMA_601,)) == (LUMA_601,)
    assert error_gain(((1, -2, 0), (0, 1, 0), (0, 0, 1))) == 3
