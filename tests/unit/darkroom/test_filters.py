"""Ranges of parameters, in a few characters."""

from typing import Any

import pytest

from darkroom.client.models import Filter, read
from darkroom.command.filters import example, range_of
from imaging import describe_catalogue


@pytest.mark.parametrize(
    ("schema", "text"),
    [
        ({"minimum": 0.3, "maximum": 250, "type": "number", "unit": "px"}, "0.3..250 px"),
        ({"anyOf": [{"minimum": 1, "maximum": 9}, {"type": "null"}], "unit": "px"}, "1..9 px or null"),
        ({"enum": ["cover", "fill"], "type": "string"}, "cover, fill"),
        ({"type": "boolean"}, "true, false"),
        ({"type": "string", "unit": "color"}, "color"),
    ],
)
def test_ranges(schema: dict[str, Any], text: str) -> None:
    assert range_of(schema) == text


def test_every_parameter_has_one() -> None:
    schemas = {
        f"{each['name']}.{name}": schema
        for each in describe_catalogue()
        for name, schema in each["parameters"]["properties"].items()
    }
    assert [name for name, schema in schemas.items() if not range_of(schema)] == []


@pytest.mark.parametrize(
    ("name", "step"),
    [
        ("blur", "blur:sigma=2"),
        ("invert", "invert"),
        ("resize", "resize:fit=inside"),
        ("watermark", "watermark:image_id=@logo.png"),
    ],
)
def test_examples(name: str, step: str) -> None:
    (found,) = [read(Filter, each) for each in describe_catalogue() if each["name"] == name]
    assert example(found) == step
