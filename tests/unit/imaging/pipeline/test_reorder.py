"""The order in which passes run, and what keeps them where they are."""

from typing import Any

import pytest

from core.errors import ImageTooLarge, InvalidStep
from imaging.codecs.source_info import SourceInfo
from imaging.limits import Limits
from imaging.orientation import IDENTITY, ROTATIONS, Orientation
from imaging.pipeline.parse import parse_output_options, parse_pipeline
from imaging.pipeline.plan import compile_plan
from imaging.render import render
from tests.unit.imaging.files import file
from tests.unit.imaging.images import canvas

Json = dict[str, Any]

CROP: Json = {"filter": "crop", "left": 0, "top": 0, "width": 8, "height": 8}
RESIZE: Json = {"filter": "resize", "width": 10}


def _png(turn: Orientation = IDENTITY) -> SourceInfo:
    return SourceInfo(format="png", size=(40, 30), pending_orientation=turn)


def order(*steps: str | Json, turn: Orientation = IDENTITY) -> list[str]:
    written = [{"filter": step} if isinstance(step, str) else step for step in steps]
    return [each.name for each in compile_plan(parse_pipeline(written).steps, _png(turn)).passes]


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        (["sepia", "vibrance", CROP], ["crop", "sepia", "vibrance"]),
        (["sepia", "blur", CROP], ["sepia", "blur", "crop"]),
        (["blur", "sepia", CROP, "invert"], ["blur", "crop", "sepia+invert"]),
        (["sepia", {**CROP, "width": 20}, CROP], ["crop", "crop", "sepia"]),
        (["rotate", CROP], ["crop", "rotate"]),
        ([{"filter": "crop", "aspect": "1:1", "gravity": "entropy"}, "flip"], ["crop", "flip"]),
        (["flip", {"filter": "crop", "aspect": "1:1", "gravity": "entropy"}], ["flip", "crop"]),
        (["auto_contrast", CROP], ["auto_contrast", "crop"]),
        (["vignette", CROP], ["vignette", "crop"]),
    ],
)
def test_crops_come_before_what_changes_single_pixels(steps: list[str | Json], expected: list[str]) -> None:
    assert order(*steps) == expected


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        (["rotate", "flip", "transpose"], ["rotate+flip+transpose"]),
        (["rotate", "sepia", "rotate"], ["sepia", "rotate+rotate"]),
        (["rotate", "blur", "rotate"], ["rotate", "blur", "rotate"]),
        (["rotate", RESIZE], ["rotate+resize"]),
        (["rotate", {**RESIZE, "kernel": "nearest"}], ["rotate", "resize"]),
        (["rotate", {**RESIZE, "kernel": "box"}], ["rotate", "resize"]),
        (["rotate", "sepia", RESIZE, "flip"], ["sepia", "rotate+resize", "flip"]),
        ([{"filter": "rotate", "angle": 45.0}, "flip"], ["rotate", "flip"]),
    ],
)
def test_orientation_waits_until_it_is_needed(steps: list[str | Json], expected: list[str]) -> None:
    assert order(*steps) == expected


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([], [""]),
        (["blur"], ["", "blur"]),
        (["sepia"], ["sepia", ""]),
        ([RESIZE], ["resize"]),
        ([CROP, RESIZE], ["crop", "resize"]),
        ([{"filter": "rotate", "angle": 270.0}], ["rotate"]),
    ],
)
def test_an_image_on_its_side_is_oriented_when_it_is_smaller(steps: list[str | Json], expected: list[str]) -> None:
    assert order(*steps, turn=ROTATIONS[1]) == expected


def test_a_rotation_by_next_to_nothing_changes_nothing() -> None:
    (only,) = compile_plan(parse_pipeline([{"filter": "rotate", "angle": -1e-20}]).steps, _png()).passes
    image = canvas("RGB")
    assert only.apply(image) is image


def test_rotations_that_cancel_out_change_nothing() -> None:
    (only,) = compile_plan(
        parse_pipeline([{"filter": "rotate"}, {"filter": "rotate", "angle": -90}]).steps, _png()
    ).passes
    image = canvas("RGB")
    assert only.apply(image) is image


@pytest.mark.parametrize(
    ("steps", "label"),
    [
        (["sepia", "rotate", {**CROP, "left": 99}], r"pipeline.2 \(crop\)"),
        ([CROP, "sepia", {**CROP, "top": 99}, "rotate"], r"pipeline.2 \(crop\)"),
    ],
)
def test_a_step_that_fails_is_named_by_its_own_index(steps: list[str | Json], label: str) -> None:
    written = [{"filter": step} if isinstance(step, str) else step for step in steps]
    with pytest.raises(InvalidStep, match=label):
        render(file(canvas("RGB"), "PNG"), parse_pipeline(written), parse_output_options(None), limits=Limits())


def test_a_resize_joined_with_a_rotation_is_named_in_errors() -> None:
    steps = [{"filter": "rotate"}, {"filter": "resize", "width": 900, "enlarge": True}]
    with pytest.raises(ImageTooLarge, match=r"pipeline.1 \(resize\)"):
        render(
            file(canvas("RGB"), "PNG"),
            parse_pipeline(steps),
            parse_output_options(None),
            limits=Limits(max_pixels=10_000),
        )
