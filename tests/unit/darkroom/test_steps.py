"""Steps as they are written in a shell."""

from pathlib import Path
from typing import Any

import pytest

from darkroom.batch.steps import StepError, files_in, parse_parameters, parse_size, parse_step, with_ids


@pytest.mark.parametrize(
    ("text", "step"),
    [
        ("sepia", {"filter": "sepia"}),
        ("blur:sigma=4", {"filter": "blur", "sigma": 4}),
        ("resize:width=320,height=240,fit=cover", {"filter": "resize", "width": 320, "height": 240, "fit": "cover"}),
        ("rotate:angle=-1.5,background=#ff8800", {"filter": "rotate", "angle": -1.5, "background": "#ff8800"}),
        ('text:text="Hello, world",size=20', {"filter": "text", "text": "Hello, world", "size": 20}),
        ("trim:tolerance=null", {"filter": "trim", "tolerance": None}),
        ("curves:rgb=[[0,0],[255,240]]", {"filter": "curves", "rgb": [[0, 0], [255, 240]]}),
        ("crop:aspect=16:9", {"filter": "crop", "aspect": "16:9"}),
        ('{"filter": "blur", "sigma": 4}', {"filter": "blur", "sigma": 4}),
    ],
)
def test_steps(text: str, step: dict[str, Any]) -> None:
    assert parse_step(text) == step


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (":sigma=4", "has no filter"),
        ("blur:4", "blur: '4' is no parameter: write it as name=value"),
        ("{blur}", "not valid JSON"),
        ("blur=3", "a colon separates the filter from its parameters"),
        ("text:text=Hello,world", "a text with a comma in double quotes"),
        ("curves:rgb=[[0,0],[255", "a list that does not end"),
    ],
)
def test_what_is_no_step(text: str, message: str) -> None:
    with pytest.raises(StepError, match=message):
        parse_step(text)


@pytest.mark.parametrize(("text", "count"), [("100k", 100_000), ("1.5M", 1_500_000), ("20000", 20_000), ("9 kB", 9000)])
def test_sizes(text: str, count: int) -> None:
    assert parse_size(text) == count


def test_what_is_no_size() -> None:
    with pytest.raises(StepError, match="write it as 100k"):
        parse_size("small")


def test_options() -> None:
    assert parse_parameters("lossless=true,metadata=keep", of="--option") == {"lossless": True, "metadata": "keep"}


def test_files_that_steps_refer_to(tmp_path: Path) -> None:
    logo = tmp_path / "logo.png"
    logo.touch()
    steps = [parse_step(f"watermark:image_id=@{logo},opacity=60"), parse_step("text:text=@nobody")]
    assert files_in(steps) == [logo]
    assert with_ids(steps, {logo: "1"}) == [
        {"filter": "watermark", "image_id": "1", "opacity": 60},
        {"filter": "text", "text": "@nobody"},
    ]
