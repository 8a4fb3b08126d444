from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from core.errors import MAX_PROBLEMS
from core.validation import describe_unknown, problems_of


class _Box(BaseModel):
    model_config = ConfigDict(extra="forbid")
    sides: tuple[int, int]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")
    sigma: Annotated[float, Field(gt=0, le=250)] = 1
    mode: Literal["lossy", "lossless"] = "lossy"
    size: Annotated[int, Field(ge=1)] | Literal["auto"] = "auto"
    boxes: list[_Box] = []
    password: Annotated[SecretStr, Field(min_length=8)] = SecretStr("long enough")


def _problems(value: object, prefix: str = "") -> dict[str, str]:
    with pytest.raises(ValidationError) as raised:
        _Body.model_validate(value)
    found = problems_of(raised.value, value, prefix=prefix, fields=_Body.model_fields)
    return {each.place: each.message for each in found}


@pytest.mark.parametrize(
    ("value", "path", "message"),
    [
        ({"sigma": 900}, "sigma", "must be at most 250; got 900"),
        ({"sigma": 0}, "sigma", "must be greater than 0; got 0"),
        ({"sigma": "wide"}, "sigma", 'must be a number; got "wide"'),
        ({"mode": "fast"}, "mode", "must be 'lossy' or 'lossless'; got \"fast\""),
        ({"sigmaa": 1}, "sigmaa", "unknown field 'sigmaa'. Did you mean 'sigma'?"),
        ({"boxes": [{"sides": [1]}]}, "boxes.0.sides.1", "is required"),
        ({"boxes": [{"sides": [1, 2]}, {}]}, "boxes.1.sides", "is required"),
        ({"boxes": {}}, "boxes", "must be a list; got {}"),
        ({"size": 0}, "size", "must be at least 1; got 0"),
        ("text", "body", 'must be an object; got "text"'),
    ],
)
def test_a_problem_names_its_path_and_what_is_allowed(value: object, path: str, message: str) -> None:
    assert _problems(value) == {path: message}


@pytest.mark.parametrize(
    ("value", "code", "values"),
    [
        ({"sigma": 900}, "less_than_equal", {"le": 250}),
        ({"sigma": "wide"}, "float", {}),
        ({"mode": "fast"}, "literal_error", {"expected": "'lossy' or 'lossless'"}),
        ({"sigmaa": 1}, "", {}),
    ],
)
def test_a_problem_is_coded_for_programs(value: object, code: str, values: dict[str, object]) -> None:
    with pytest.raises(ValidationError) as raised:
        _Body.model_validate(value)
    (problem,) = problems_of(raised.value, value)
    assert (problem.code, problem.values) == (code, values)


def test_a_list_whose_items_are_wrong_is_not_called_too_short() -> None:
    class Curve(BaseModel):
        points: Annotated[tuple[tuple[Annotated[int, Field(le=255)], int], ...], Field(min_length=2)]

    value = {"points": [[0, 0], [300, 1]]}
    with pytest.raises(ValidationError) as raised:
        Curve.model_validate(value)
    (problem,) = problems_of(raised.value, value)
    assert (problem.place, problem.message) == ("points.1.0", "must be at most 255; got 300")


def test_the_prefix_is_part_of_each_path() -> None:
    assert list(_problems({"sigma": -1, "mode": 2}, "pipeline.3")) == ["pipeline.3.sigma", "pipeline.3.mode"]


def test_a_password_is_not_shown() -> None:
    assert _problems({"password": "hunter2"}) == {"password": "must have at least 8 characters"}


def test_long_values_are_shortened() -> None:
    assert _problems({"mode": "x" * 500})["mode"].endswith("xxx…")


def test_no_more_problems_than_anybody_reads() -> None:
    assert len(_problems({f"k{n}": n for n in range(99)})) == MAX_PROBLEMS


def test_an_unknown_name_without_a_similar_one_lists_the_known() -> None:
    assert describe_unknown("filter", "zzz", ["blur", "crop"]) == "unknown filter 'zzz'. Known: blur, crop."
