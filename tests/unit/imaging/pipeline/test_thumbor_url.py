"""Every part of thumbor's URLs, and that what comes out are valid steps."""

from typing import Any

import pytest

from core.errors import InvalidPipeline
from imaging import parse_output_options, parse_pipeline, parse_thumbor_url

COVER = {"filter": "resize", "width": 300, "height": 200, "enlarge": True}


@pytest.mark.parametrize(
    ("path", "steps"),
    [
        ("", []),
        ("300x200/", [{**COVER, "fit": "cover"}]),
        ("300x/", [{"filter": "resize", "width": 300, "enlarge": True}]),
        ("300x0/", [{"filter": "resize", "width": 300, "enlarge": True}]),
        ("0x200/", [{"filter": "resize", "height": 200, "enlarge": True}]),
        ("origxorig/", []),
        ("x/", []),
        ("fit-in/300x200/", [{"filter": "resize", "width": 300, "height": 200, "fit": "inside"}]),
        ("full-fit-in/300x200/", [{"filter": "resize", "width": 300, "height": 200, "fit": "outside"}]),
        (
            "fit-in/300x200/filters:upscale()/",
            [{"filter": "resize", "width": 300, "height": 200, "fit": "inside", "enlarge": True}],
        ),
        (
            "fit-in/300x200/filters:fill(ff0000,1)/",
            [{"filter": "resize", "width": 300, "height": 200, "fit": "contain", "background": "#ff0000"}],
        ),
        ("300x200/filters:no_upscale()/", [{**COVER, "enlarge": False, "fit": "cover"}]),
        (
            "300x200/left/top/",
            [
                {**COVER, "fit": "outside"},
                {"filter": "crop", "width": 300, "height": 200, "gravity": "northwest"},
            ],
        ),
        (
            "300x200/bottom/",
            [{**COVER, "fit": "outside"}, {"filter": "crop", "width": 300, "height": 200, "gravity": "south"}],
        ),
        (
            "300x200/smart/",
            [{**COVER, "fit": "outside"}, {"filter": "crop", "width": 300, "height": 200, "gravity": "entropy"}],
        ),
        ("300x200/center/middle/", [{**COVER, "fit": "cover"}]),
        ("-300x200/", [{**COVER, "fit": "cover"}, {"filter": "flop"}]),
        ("-0x-0/", [{"filter": "flop"}, {"filter": "flip"}]),
        ("10x20:110x220/", [{"filter": "crop", "left": 10, "top": 20, "width": 100, "height": 200}]),
        ("trim/", [{"filter": "trim", "threshold": 10}]),
        ("trim:top-left:50/", [{"filter": "trim", "threshold": 50}]),
        ("trim::442/", [{"filter": "trim", "threshold": 255}]),
        (
            "trim/10x20:110x220/300x0/filters:grayscale():blur(2):strip_exif()/",
            [
                {"filter": "trim", "threshold": 10},
                {"filter": "crop", "left": 10, "top": 20, "width": 100, "height": 200},
                {"filter": "resize", "width": 300, "enlarge": True},
                {"filter": "grayscale"},
                {"filter": "blur", "sigma": 2.0},
            ],
        ),
    ],
)
def test_steps(path: str, steps: list[dict[str, Any]]) -> None:
    found = parse_thumbor_url(f"{path}2026/cat (1).jpg")
    assert found.image == "2026/cat (1).jpg"
    assert found.steps == steps
    parse_pipeline(found.steps)


@pytest.mark.parametrize(
    ("filters", "output"),
    [
        ("quality(80)", {"quality": 80}),
        ("format(webp):quality( 7 )", {"format": "webp", "quality": 7}),
        ("max_bytes(40000):strip_icc()", {"target_bytes": 40000}),
        ("sepia()", {}),
    ],
)
def test_output_options(filters: str, output: dict[str, Any]) -> None:
    found = parse_thumbor_url(f"filters:{filters}/a.jpg")
    assert found.output == output
    parse_output_options(found.output)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "meta/300x200/a.jpg",
        "debug/a.jpg",
        "adaptive-fit-in/300x200/a.jpg",
        "trim:bottom-right/a.jpg",
        "10x10:10x20/a.jpg",
        "filters:nothing()/a.jpg",
        "filters:watermark(http://a/b.png,0,0,0)/a.jpg",
        "filters:blur(x)/a.jpg",
        "fit-in/300x200/filters:fill(blur)/a.jpg",
        "filters:a()b()/a.jpg",
    ],
)
def test_what_is_not_supported_is_an_error(path: str) -> None:
    with pytest.raises(InvalidPipeline):
        parse_thumbor_url(path)
