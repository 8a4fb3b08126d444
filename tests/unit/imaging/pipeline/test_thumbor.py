"""Filter strings of thumbor and imagor become steps, or are rejected with the path of the error."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InvalidPipeline
from imaging.pipeline.parse import Pipeline, parse_pipeline
from imaging.pipeline.thumbor import MAPPINGS

EXAMPLES: dict[str, dict[str, Any]] = {
    "background_color(ffcc00)": {"filter": "flatten", "background": "#ffcc00"},
    "background_color(blue)": {"filter": "flatten", "background": "blue"},
    "blur(7)": {"filter": "blur", "sigma": 7},
    "blur(7,2)": {"filter": "blur", "sigma": 2},
    "brightness(-40)": {"filter": "brightness", "amount": -40},
    "contrast(40)": {"filter": "contrast", "amount": 40},
    "convolution(-1;-1;-1;-1;8;-1;-1;-1;-1,3,false)": {
        "filter": "convolution",
        "kernel": [-1, -1, -1, -1, 8, -1, -1, -1, -1],
        "divisor": 1,
    },
    "equalize()": {"filter": "equalize"},
    "grayscale()": {"filter": "grayscale"},
    "hue(290)": {"filter": "hue", "angle": 290},
    "noise(40)": {"filter": "noise", "amount": 40},
    "pixelate(8)": {"filter": "pixelate", "size": 8},
    "rgb(20,-20,40)": {"filter": "rgb", "r": 20, "g": -20, "b": 40},
    "rotate(90)": {"filter": "rotate", "angle": 270},
    "round_corner(20,255,255,255)": {"filter": "round_corners", "radius": 20},
    "saturation(0.4)": {"filter": "saturation", "amount": -60},
    "sepia()": {"filter": "sepia"},
    "sharpen(2,1.0,true)": {"filter": "sharpen", "amount": 20},
    "trim(30)": {"filter": "trim", "threshold": 30},
}


@pytest.mark.parametrize("written", EXAMPLES)
def test_that_a_filter_becomes_a_step(written: str) -> None:
    assert parse_pipeline(f"thumbor:filters:{written}") == parse_pipeline([EXAMPLES[written]])


def test_that_every_mapping_has_an_example() -> None:
    assert {written.partition("(")[0] for written in EXAMPLES} == set(MAPPINGS)


@pytest.mark.parametrize(
    "text", ["thumbor:filters:brightness(10):grayscale()", "thumbor:/filters:brightness( 10 ):grayscale()/"]
)
def test_that_steps_stay_in_order(text: str) -> None:
    steps = parse_pipeline(text).as_json()
    assert steps[0] == {"filter": "brightness", "amount": 10}
    assert steps[1]["filter"] == "grayscale"
    assert parse_pipeline("thumbor:filters:blur(0)") == Pipeline(())


@pytest.mark.parametrize(
    ("text", "path", "message"),
    [
        (
            "filters:grayscale():zap(1)",
            "pipeline.1.filter",
            "Unsupported thumbor filter 'zap'. Supported: ",
        ),
        ("filters:brightness(x)", "pipeline.0.filter", "Invalid values in brightness(x)"),
        ("filters:brightness()", "pipeline.0.filter", "Invalid values in"),
        *(
            (f"filters:grayscale():{call}", "pipeline.1.filter", f"Invalid values in {call}")
            for call in (
                "blur(nan)",
                "blur(5,inf)",
                "blur(-1)",
                "blur(,5)",
                "brightness(nan)",
                "contrast(-inf)",
                "convolution(1;nan;1;1,2)",
                "hue(1e999)",
                "noise(infinity)",
                "noise(5,1_000)",
                "pixelate(\u0661)",
                "rgb(1,,3)",
                "rotate(nan)",
                "round_corner(|)",
                "saturation(inf)",
                "sharpen(nan)",
                "sharpen(1,nan)",
                "trim(1.5)",
            )
        ),
        ("filters:convolution(1;2,3)", "pipeline.0.filter", "Invalid values in"),
        ("filters:grayscale", "pipeline.0.filter", "Malformed filter 'grayscale'"),
        ("filters:grayscale()blur(2)", "pipeline.0.filter", "Malformed filter"),
        ("filters:pixelate(0)", "pipeline.0.size", "must be at least 1; got 0"),
    ],
)
def test_that_an_error_is_reported_with_its_path(text: str, path: str, message: str) -> None:
    with pytest.raises(InvalidPipeline) as rejection:
        parse_pipeline(f"thumbor:{text}")
    assert [problem.place for problem in rejection.value.problems] == [path]
    assert message in rejection.value.problems[0].message


@given(st.text() | st.from_regex(r"filters:([a-z_]{3,8}\([0-9,.;-]{0,9}\):?){1,3}", fullmatch=True))
def test_that_any_text_is_parsed_or_rejected(text: str) -> None:
    try:
        pipeline = parse_pipeline(f"thumbor:{text}")
    except InvalidPipeline:
        return
    assert parse_pipeline(pipeline.as_json()) == pipeline
