"""Looks are pipelines that anybody may edit: each must parse, work on every mode, and stay apart from the filters."""

from typing import Any

import pytest

from core.errors import InvalidPipeline
from imaging.filters import CATALOGUE
from imaging.pipeline.looks import LOOKS, describe_looks
from imaging.pipeline.parse import MAX_STEPS, parse_pipeline
from tests.unit.imaging.images import MODES, canvas

CSSGRAM = """1977 aden brannan brooklyn clarendon earlybird gingham hudson inkwell kelvin lark lofi maven mayfair moon
nashville perpetua reyes rise slumber stinson toaster valencia walden willow xpro2"""


@pytest.mark.parametrize("name", LOOKS)
def test_that_a_look_is_a_pipeline_for_every_picture(name: str) -> None:
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


def test_that_the_family_is_complete_and_no_look_hides_a_filter() -> None:
    assert set(CSSGRAM.split()) < set(LOOKS)
    assert not set(LOOKS) & set(CATALOGUE)
    assert [look["name"] for look in describe_looks()] == list(LOOKS)


def test_that_a_look_is_written_out_among_other_steps() -> None:
    steps: list[dict[str, Any]] = [{"filter": "blur"}, {"filter": "moon"}, {"filter": "flip"}]
    written = parse_pipeline(steps).as_json()
    assert [step["filter"] for step in written] == ["blur", "grayscale", "linear", "curves", "curves", "flip"]
    assert parse_pipeline(written).as_json() == written


@pytest.mark.parametrize(
    ("steps", "place", "message"),
    [
        ([{"filter": "blur"}, {"filter": "moon", "amount": 3}], "pipeline.1.amount", "a look has no parameters"),
        ([{"filter": "clarendo"}], "pipeline.0.filter", "did you mean clarendon?"),
        ([{"filter": "moon"}] * 6, "pipeline", f"has 24 steps with its looks; {MAX_STEPS} are allowed"),
    ],
)
def test_that_a_mistake_with_a_look_is_named(steps: object, place: str, message: str) -> None:
    with pytest.raises(InvalidPipeline) as refusal:
        parse_pipeline(steps)
    assert [problem.place for problem in refusal.value.problems] == [place]
    assert message in refusal.value.problems[0].message
