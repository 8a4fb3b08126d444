"""What a plan has decoded: the sizes that its steps need, and luma alone where chroma does not matter."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from imaging.codecs.source_info import DecodeHints
from imaging.pipeline.parse import parse_output_options, parse_pipeline
from imaging.pipeline.plan import compile_plan
from imaging.render import render
from tests.unit.imaging.files import file
from tests.unit.imaging.images import array
from tests.unit.imaging.pipeline.planned import (
    JPEG,
    LIMITS,
    PHOTOGRAPHS,
    Json,
    apply_in_turn,
    psnr,
    render_planned,
)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("photograph", PHOTOGRAPHS, ids=lambda path: path.stem)
@pytest.mark.parametrize(
    "first",
    [
        {"filter": "resize", "width": 97},
        {"filter": "thumbnail", "size": 60},
        {"filter": "resize", "width": 70, "height": 70, "fit": "cover"},
        {"filter": "resize", "width": 90, "height": 40, "fit": "contain", "kernel": "bicubic"},
        {"filter": "resize", "width": 30, "height": 120, "fit": "fill"},
        {"filter": "resize", "width": 40, "height": 40, "fit": "outside"},
    ],
)
def test_a_photograph_decoded_smaller_is_resized_as_well(photograph: Any, first: Json, orientation: int) -> None:  # noqa: ANN401 - a path
    """From 36 dB on nobody sees a difference: a JPEG of quality 85 is further from its source."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    with Image.open(photograph) as image:
        source = file(image.convert("RGB").crop((0, 0, 401, 299)), "JPEG", quality=95, exif=exif)
    expected, got = apply_in_turn(source, [first]), render_planned(source, [first])
    assert (got.size, got.mode) == (expected.size, expected.mode)
    assert psnr(got, expected) >= 36


@pytest.mark.parametrize(
    "steps",
    [
        [{"filter": "grayscale"}],
        [{"filter": "duotone"}],
        [{"filter": "resize", "width": 390}, {"filter": "tritone"}],
        [{"filter": "blur"}, {"filter": "grayscale"}, {"filter": "invert"}],
        [{"filter": "box_blur", "radius": 3.5}, {"filter": "duotone"}],
        [{"filter": "pixelate"}, {"filter": "flip"}, {"filter": "monochrome"}],
        [{"filter": "resize", "width": 390}, {"filter": "grayscale"}, {"filter": "sharpen"}],
    ],
)
@pytest.mark.parametrize("photograph", PHOTOGRAPHS, ids=lambda path: path.stem)
def test_luma_alone_is_decoded_where_it_is_all_that_matters(photograph: Any, steps: list[Json]) -> None:  # noqa: ANN401 - a path
    """The file's own luma instead of that of clipped colours: below half a level on average."""
    source = photograph.read_bytes()
    expected, got = apply_in_turn(source, steps), render_planned(source, steps)
    assert (got.size, got.mode) == (expected.size, expected.mode)
    assert np.abs(array(got) - array(expected)).mean() < 0.5


@pytest.mark.parametrize(
    ("steps", "luma_only"),
    [
        ([], False),
        ([{"filter": "grayscale"}], True),
        ([{"filter": "grayscale", "amount": 99}], False),
        ([{"filter": "grayscale", "method": "average"}], False),
        ([{"filter": "sepia"}], False),
        ([{"filter": "blur"}, {"filter": "grayscale"}], True),
        ([{"filter": "blur"}, {"filter": "box_blur"}, {"filter": "grayscale"}], False),
        ([{"filter": "sharpen"}, {"filter": "grayscale"}], False),
        ([{"filter": "crop", "width": 9}, {"filter": "rotate"}, {"filter": "threshold"}], True),
        ([{"filter": "saturation", "amount": -40}, {"filter": "grayscale"}], True),
        ([{"filter": "thumbnail"}, {"filter": "gradient_map"}], True),
        ([{"filter": "thumbnail"}, {"filter": "thumbnail"}, {"filter": "threshold"}], False),
    ],
)
def test_chroma_is_not_decoded_where_the_first_step_reads_luma(steps: list[Json], *, luma_only: bool) -> None:
    assert hints(steps).luma_only is luma_only


@pytest.mark.parametrize(
    ("first", "factor"),
    [
        ({"filter": "resize", "width": 400}, 8),
        ({"filter": "resize", "width": 401}, 4),
        ({"filter": "resize", "width": 800}, 4),
        ({"filter": "resize", "width": 801}, 2),
        ({"filter": "resize", "width": 1601}, 1),
        ({"filter": "resize", "width": 400, "kernel": "nearest"}, 1),
        ({"filter": "resize", "width": 800, "height": 800, "fit": "cover"}, 2),
        ({"filter": "crop", "width": 10, "height": 10}, 1),
        ({"filter": "crop", "left": 5000, "width": 10}, 1),
    ],
)
def test_a_smaller_decoding_has_a_quarter_more_pixels_a_side_than_needed(first: Json, factor: int) -> None:
    assert hints([first]).shrink_factor == factor


@pytest.mark.parametrize(("width", "factor"), [(200, 8), (201, 4)])
def test_a_part_is_decoded_as_much_smaller_as_it_is_resized(width: int, factor: int) -> None:
    steps: list[Json] = [{"filter": "crop", "width": "50%", "height": "50%"}, {"filter": "resize", "width": width}]
    assert hints(steps).shrink_factor == factor


def test_an_analysis_and_other_formats_are_decoded_whole() -> None:
    steps = parse_pipeline([{"filter": "thumbnail"}, {"filter": "grayscale"}]).steps
    plan = compile_plan(steps, JPEG, whole=True)
    assert (plan.decode_hints.shrink_factor, plan.decode_hints.luma_only) == (1, False)
    assert compile_plan(steps, replace(JPEG, shrink_factors=())).decode_hints.shrink_factor == 1


def hints(steps: list[Json]) -> DecodeHints:
    return compile_plan(parse_pipeline(steps).steps, JPEG).decode_hints


@pytest.mark.parametrize("orientation", [1, 3, 6, 7])
@pytest.mark.parametrize("photograph", PHOTOGRAPHS, ids=lambda path: path.stem)
@pytest.mark.parametrize(
    "crop",
    [
        {"aspect": "1:1"},
        {"left": 31, "top": 17, "width": 207, "height": 141},
        {"width": "61%", "height": "77%", "gravity": "southeast"},
    ],
)
@pytest.mark.parametrize(
    "resize",
    [{"width": 30}, {"width": 31, "height": 33, "fit": "cover"}, {"width": 40, "height": 20, "fit": "contain"}],
)
def test_a_photograph_is_decoded_smaller_for_a_crop_and_a_resize_too(
    photograph: Any,  # noqa: ANN401 - a path
    crop: Json,
    resize: Json,
    orientation: int,
) -> None:
    """A pixel of what is decoded may lie across the edge that was cut: it is less than half of one that comes out."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    with Image.open(photograph) as image:
        source = file(image.convert("RGB").crop((0, 0, 401, 299)), "JPEG", quality=95, exif=exif)
    steps = [{"filter": "crop", **crop}, {"filter": "resize", **resize}]
    rendered = render(source, parse_pipeline(steps), parse_output_options({"format": "png"}), limits=LIMITS)
    assert rendered.report.decode.scale != "1/1"
    expected, got = apply_in_turn(source, steps), render_planned(source, steps)
    assert (got.size, got.mode) == (expected.size, expected.mode)
    assert psnr(got, expected) >= 36
