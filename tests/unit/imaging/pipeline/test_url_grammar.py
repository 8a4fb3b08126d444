"""Steps in URLs: the text and the JSON are inverse, and what cannot be read is rejected with its place."""

import re
import string
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InvalidPipeline
from imaging import CATALOGUE, format_pipeline, format_steps, parse_pipeline, parse_steps
from imaging.pipeline.looks import LOOKS
from tests.unit.imaging.filters.test_pictures import SHEETS

names = st.from_regex(re.compile(r"[a-z][a-z0-9_]{0,10}"), fullmatch=True)
keys = names.filter(lambda name: name not in {"filter", "w", "h"})
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
    | st.from_regex(re.compile(r"-?[0-9.e]{1,6}|true|false|null"), fullmatch=True)
)
lists = st.recursive(st.lists(scalars, max_size=3), lambda inner: st.lists(scalars | inner, max_size=3), max_leaves=6)


def depth(value: object) -> int:
    return 1 + max(map(depth, value), default=0) if isinstance(value, list) else 0


values = scalars | lists.filter(lambda value: depth(value) <= 4)
steps = st.lists(
    st.tuples(names, st.dictionaries(keys, values, max_size=4)).map(lambda each: {"filter": each[0], **each[1]}),
    max_size=4,
)


@given(steps)
def test_what_is_formatted_is_parsed_to_the_same(given_steps: list[dict[str, Any]]) -> None:
    text = format_steps(given_steps)
    assert parse_steps(text) == given_steps
    assert format_steps(parse_steps(text)) == text
    assert set(text) <= {*string.ascii_letters, *string.digits, *"-._~!$&'()*+,;=:@/"}, "RFC 3986 needs no escaping"


@given(st.text(alphabet="ab1.-~$(),;=/wh:% \x00ä", max_size=30))
def test_any_text_is_parsed_or_rejected(text: str) -> None:
    try:
        parsed = parse_steps(text)
    except InvalidPipeline:
        return
    assert parse_steps(format_steps(parsed)) == parsed


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("-", []),
        ("sepia", [{"filter": "sepia"}]),
        (
            "resize,w=320,h=240,fit=cover/sepia",
            [{"filter": "resize", "width": 320, "height": 240, "fit": "cover"}, {"filter": "sepia"}],
        ),
        ("resize,width=320", [{"filter": "resize", "width": 320}]),
        ("resize,w=320,h=null,enlarge=true", [{"filter": "resize", "width": 320, "height": None, "enlarge": True}]),
        ("rotate,angle=-1.5,background=$ff8800", [{"filter": "rotate", "angle": -1.5, "background": "#ff8800"}]),
        ("text,text=Hello~20World", [{"filter": "text", "text": "Hello World"}]),
        ("text,text=~32024", [{"filter": "text", "text": "2024"}]),
        ("text,text=~C3~A4", [{"filter": "text", "text": "ä"}]),
        ("text,text=~", [{"filter": "text", "text": ""}]),
        ("crop,aspect=16:9,left=50~25", [{"filter": "crop", "aspect": "16:9", "left": "50%"}]),
        ("curves,rgb=((0;0);(128;140);(255;255))", [{"filter": "curves", "rgb": [[0, 0], [128, 140], [255, 255]]}]),
        ("curves,rgb=()", [{"filter": "curves", "rgb": []}]),
        ("noise,amount=1e-07", [{"filter": "noise", "amount": 1e-07}]),
    ],
)
def test_rows_of_the_grammar(text: str, expected: list[dict[str, Any]]) -> None:
    assert parse_steps(text) == expected
    assert parse_steps(format_steps(expected)) == expected


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("", "pipeline.0"),
        ("sepia/", "pipeline.1"),
        ("Sepia", "pipeline.0"),
        ("sepia/@warm", "pipeline.1"),
        ("resize,w", "pipeline.0"),
        ("resize,320", "pipeline.0"),
        ("resize,W=1", "pipeline.0"),
        ("resize,filter=sepia", "pipeline.0"),
        ("sepia/resize,w=", "pipeline.1.width"),
        ("resize,w=1,width=2", "pipeline.0.width"),
        ("resize,w=1,w=1", "pipeline.0.width"),
        ("text,text=a b", "pipeline.0.text"),
        ("text,text=a%20b", "pipeline.0.text"),
        ("text,text=a~2", "pipeline.0.text"),
        ("text,text=~FF", "pipeline.0.text"),
        ("noise,amount=1e999", "pipeline.0.amount"),
        ("curves,rgb=(1;2", "pipeline.0.rgb"),
        ("curves,rgb=(1;)", "pipeline.0.rgb"),
        ("curves,rgb=(;1)", "pipeline.0.rgb"),
        ("curves,rgb=(1)2", "pipeline.0.rgb"),
        ("curves,rgb=1)", "pipeline.0.rgb"),
        ("curves,rgb=(1(2))", "pipeline.0.rgb"),
        ("curves,rgb=(((((1)))))", "pipeline.0.rgb"),
        ("curves,rgb=" + "(" * 5_000, "pipeline.0.rgb"),
    ],
)
def test_what_cannot_be_read_is_rejected_with_its_place(text: str, place: str) -> None:
    with pytest.raises(InvalidPipeline) as caught:
        parse_steps(text)
    (problem,) = caught.value.problems
    assert problem.place == place
    assert len(problem.message) < 200


@pytest.mark.parametrize("name", CATALOGUE)
def test_every_filter_survives_the_way_through_a_url(name: str) -> None:
    for parameters in SHEETS[name]:
        pipeline = parse_pipeline([{"filter": name, **parameters}])
        text = format_pipeline(pipeline)
        assert parse_pipeline(parse_steps(text)) == pipeline
        assert format_pipeline(parse_pipeline(parse_steps(text))) == text


@pytest.mark.parametrize("name", LOOKS)
def test_a_look_is_expanded_in_the_canonical_text(name: str) -> None:
    pipeline = parse_pipeline(parse_steps(name))
    assert parse_pipeline(parse_steps(format_pipeline(pipeline))) == pipeline


def test_the_canonical_text_is_one_for_all_spellings() -> None:
    spellings = ["resize,height=240,fit=cover,w=320/sepia", "resize,w=320,h=240,fit=cover,enlarge=false/sepia"]
    texts = {format_pipeline(parse_pipeline(parse_steps(text))) for text in spellings}
    assert len(texts) == 1
    assert texts <= {"resize,w=320,h=240/sepia", "resize,w=320,h=240,fit=cover/sepia"}
