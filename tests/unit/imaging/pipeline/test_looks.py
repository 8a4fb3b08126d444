"""Looks are pipelines that anybody can edit: each must parse, apply to every mode, and differ in name from filters."""

from typing import Any

import pytest

from core.errors import InvalidPipeline
from imaging.filters import CATALOGUE
from imaging.pipeline.looks import LOOKS, describe_looks
from imaging.pipeline.parse import parse_pipeline
from tests.unit.imaging.images import MODES, canvas

CSSGRAM = """1977 aden brannan brooklyn clarendon earlybird gingham hudson inkwell kelvin lark lofi maven mayfair moon
nashville perpetua reyes rise slumber stinson toaster valencia walden willow xpro2"""


@pytest.mark.parametrize("name", LOOKS)
def test_that_a_look_applies_to_every_mode(name: str) -> None:
    pipeline = parse_pipeline([{"filter": name}])
    assert [step.name for step in pipeline.steps] == [step["filter"] for step in LOOKS[name].pipeline]
    assert LOOKS[name].summary.endswith(".")
    for mode in MODES:
        image = changed = canvas(mode, (40, 30))
        for step in pipeline.steps:
            changed = step.apply(changed)
        assert changed.size == image.size
        assert changed.convert("RGBA").tobytes() != image.convert("RGBA").tobytes()
        if mode.endswith("A"):
            assert changed.getchannel("A").tobytes() == image.getchannel("A").tobytes()


def test_that_all_of_cssgram_is_there_and_no_look_hides_a_filter() -> None:
    assert set(CSSGRAM.split()) < set(LOOKS)
    assert not set(LOOKS) & set(CATALOGUE)
    assert [look["name"] for look in describe_looks()] == list(LOOKS)


def test_that_a_look_is_expanded_among_other_steps() -> None:
    steps: list[dict[str, Any]] = [{"filter": "blur"}, {"filter": "moon"}, {"filter": "flip"}]
    written = parse_pipeline(steps).as_json()
    assert [step["filter"] for step in written] == ["blur", "grayscale", "linear", "curves", "curves", "flip"]
    assert parse_pipeline(written).as_json() == written


@pytest.mark.parametrize(
    ("steps", "path", "message"),
    [
        ([{"filter": "blur"}, {"filter": "moon", "amount": 3}], "pipeline.1.amount", "the look moon has no parameters"),
        ([{"filter": "clarendo"}], "pipeline.0.filter", "Did you mean 'clarendon'?"),
        (
            [{"filter": "moon"}] * 6,
            "pipeline",
            "has 24 steps, those of its looks included; at most 20",
        ),
    ],
)
def test_that_an_error_in_a_look_is_reported(steps: object, path: str, message: str) -> None:
    with pytest.raises(InvalidPipeline) as rejection:
        parse_pipeline(steps)
    assert [problem.place for problem in rejection.value.problems] == [path]
    assert message in rejection.value.problems[0].message
