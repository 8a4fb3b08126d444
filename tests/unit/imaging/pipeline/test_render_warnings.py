"""Warnings: what succeeds and is probably not what was asked for, and what is."""

from typing import Any

import pytest
from PIL import Image

from imaging import WARNING_MEANINGS
from imaging.limits import Limits
from imaging.pipeline.parse import parse_output_options, parse_pipeline
from imaging.pipeline.preview import Preview
from imaging.render import render
from tests.unit.imaging import animations
from tests.unit.imaging.files import file
from tests.unit.imaging.images import canvas

Json = dict[str, Any]
PLAIN = file(canvas("RGB", (60, 40)), "PNG")
TRANSLUCENT = file(canvas("RGBA", (60, 40)), "PNG")
ANIMATION = animations.encode("GIF", animations.frames(mode="RGB"))
DRAWING = b'<svg xmlns="http://www.w3.org/2000/svg" width="60" height="40"><rect width="30" height="40"/></svg>'
ORIENTATION = 0x0112  # a tag of EXIF
NOTHING = "step_without_effect"


def rotated() -> Image.Exif:
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    return exif


def warnings_of(source: bytes, *steps: Json, **output: object) -> list[tuple[str, str]]:
    rendered = render(source, parse_pipeline(list(steps)), parse_output_options(output), limits=Limits())
    assert {each.code for each in rendered.warnings} <= WARNING_MEANINGS.keys()
    return [(each.code, each.path) for each in rendered.warnings]


@pytest.mark.parametrize(
    "step",
    [
        {"filter": "brightness", "amount": 0},
        {"filter": "sharpen", "amount": 0},
        {"filter": "gamma", "gamma": 1},
        {"filter": "resize", "width": 60},
        {"filter": "resize", "width": 60, "height": 40, "fit": "cover"},
        {"filter": "resize", "width": 500},
        {"filter": "crop", "width": 60, "height": 40},
        {"filter": "rotate", "angle": 0},
        {"filter": "text", "text": " "},
    ],
)
def test_a_step_that_changes_nothing(step: Json) -> None:
    assert warnings_of(PLAIN, {"filter": "invert"}, step) == [(NOTHING, "pipeline.1")]


@pytest.mark.parametrize(
    "step",
    [
        {"filter": "brightness", "amount": 1},
        {"filter": "resize", "width": 59},
        {"filter": "resize", "width": 60, "height": 60, "fit": "contain"},
        {"filter": "crop", "width": 60, "height": 39},
        {"filter": "rotate"},
        {"filter": "thumbnail"},
    ],
)
def test_a_step_that_does_what_it_says(step: Json) -> None:
    assert warnings_of(PLAIN, step) == []


def test_sizes_are_those_between_the_steps() -> None:
    resize = {"filter": "resize", "width": 30}
    assert warnings_of(PLAIN, resize, {"filter": "invert"}, resize) == [(NOTHING, "pipeline.2")]
    assert warnings_of(PLAIN, {"filter": "trim"}, resize, resize) == [], "the size after trim is not known"


def test_an_image_that_is_decoded_smaller_or_turned() -> None:
    large = file(canvas("RGB", (640, 480)), "JPEG")
    assert warnings_of(large, {"filter": "resize", "width": 80}) == []
    turned = file(canvas("RGB", (60, 40)), "JPEG", exif=rotated())
    assert warnings_of(turned, {"filter": "resize", "width": 40}) == [(NOTHING, "pipeline.0")]


def test_a_drawing_is_enlarged() -> None:
    larger = {"filter": "resize", "width": 300, "enlarge": True}
    assert warnings_of(DRAWING, larger, format="png") == []
    assert warnings_of(DRAWING, {"filter": "resize", "width": 60}, format="png") == [(NOTHING, "pipeline.0")]


def test_text_that_does_not_fit() -> None:
    assert warnings_of(PLAIN, {"filter": "text", "text": "a", "size": 12, "margin": 0}) == []
    assert warnings_of(PLAIN, {"filter": "text", "text": "A long word", "size": 40, "wrap": 0}) == [
        ("text_cut_off", "pipeline.0")
    ]


def test_transparency_that_the_format_lacks() -> None:
    assert warnings_of(TRANSLUCENT, format="jpeg") == [("transparency_lost", "output.format")]
    assert warnings_of(TRANSLUCENT, format="png") == []
    assert warnings_of(PLAIN, {"filter": "rotate", "angle": 10}, format="bmp") == [
        ("transparency_lost", "output.format")
    ]
    opaque = file(canvas("RGB").convert("RGBA"), "PNG")
    assert warnings_of(opaque, format="jpeg") == []


def test_frames_that_the_format_lacks() -> None:
    assert warnings_of(ANIMATION, format="jpeg") == [("frames_dropped", "output.format")]
    assert warnings_of(ANIMATION, format="jpeg", frames="first") == []
    assert warnings_of(ANIMATION, format="webp") == []
    assert warnings_of(ANIMATION, analyse=["info"]) == []


def test_an_output_that_is_larger_than_asked_for() -> None:
    assert warnings_of(PLAIN, format="jpeg", target_bytes=100) == [("target_bytes_exceeded", "output.target_bytes")]
    assert warnings_of(PLAIN, format="jpeg", target_bytes=100_000) == []


def test_messages_name_what_was_given() -> None:
    source = render(
        TRANSLUCENT,
        parse_pipeline([{"filter": "contrast", "amount": 0}]),
        parse_output_options({"format": "jpeg", "background": "#ff0000"}),
        limits=Limits(),
    )
    assert [each.message for each in source.warnings] == [
        "contrast changes nothing: with these parameters, an image of 60 x 40 pixels stays as it is.",
        "jpeg has no transparency: transparent parts became #ff0000. Choose another format, such as webp or png.",
    ]


def test_a_preview_does_not_judge_the_sizes_of_its_copy() -> None:
    steps = parse_pipeline([{"filter": "resize", "width": 60}])
    preview = Preview(source_size=(600, 400), max_side=60)
    assert render(PLAIN, steps, parse_output_options({}), limits=Limits(), preview=preview).warnings == ()
