"""JSON that every parser reads in the same way is taken; all other is rejected with its place."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.requests.strict_json import InvalidJson, parse_json

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8")),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner, max_size=3)
    ),
    max_leaves=10,
)
DEEP = 50_000


@given(value=VALUES)
def test_what_json_writes_is_read(value: Any) -> None:  # noqa: ANN401 - any JSON
    text = json.dumps(value)
    assert parse_json(text) == parse_json(text.encode()) == value


@pytest.mark.parametrize(
    ("text", "path", "message"),
    [
        ('{"a": 1, "a": 1}', ("a",), "'a' occurs more than once"),
        ('{"a": 1, "\\u0061": 2}', ("a",), "'a' occurs more than once"),
        ('[{}, {"b": {"c": [0, {"d": 1, "e": 2, "d": 3}]}}]', ("1", "b", "c", "1", "d"), "'d' occurs more than once"),
        ('{"": 1, "": 2}', ("",), "'' occurs more than once"),
        (f'{{"{"k" * 999}": 1, "{"k" * 999}": 2}}', ("k" * 50,), "occurs more than once"),
        ("[NaN]", (), "line 1 column 2"),
        ("[Infinity]", (), "line 1 column 2"),
        ("[-Infinity]", (), "line 1 column 3"),
        ("[1e999]", (), "1e999 is out of range"),
        ("1" * 5000, (), "out of range"),
        ("[" * DEEP, (), "too many levels"),
        ('{"a":' * DEEP, (), "too many levels"),
        ("[" * DEEP + "]" * DEEP, (), "too many levels"),
        ('"\\ud800"', (), "escape sequence"),
        ('["a\nb"]', (), "control character"),
        ("\ufeff{}", (), "line 1 column 1"),
        ("{'a': 1}", (), "line 1 column 2"),
        ('{"a": 1,}', (), "trailing comma"),
        ("{} {}", (), "more text after"),
        ("", (), "ends too early"),
        (b'"\xff"', (), "not UTF-8"),
        ('{"a": 1}'.encode("utf-16"), (), "line 1 column 1"),
    ],
)
def test_what_has_two_meanings_or_none_is_rejected(text: str | bytes, path: tuple[str, ...], message: str) -> None:
    with pytest.raises(InvalidJson) as caught:
        parse_json(text)
    assert caught.value.path == path
    assert message in caught.value.message
    assert len(caught.value.message) < 200
