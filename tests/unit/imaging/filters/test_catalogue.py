"""What holds for every filter, those to come included: all of it is read from the catalogue."""

from typing import Any, cast, get_args

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from core.errors import ImageTooLarge, InvalidStep
from imaging.filters import CATALOGUE, Filter, describe_catalogue
from imaging.filters.base import Group
from imaging.filters.tone.histogram import AutoContrast
from imaging.limits import Limits
from imaging.pipeline.parse import parse_pipeline
from tests.unit.imaging.filters import auxiliary
from tests.unit.imaging.images import MODES, array, canvas

Schema = dict[str, Any]
EXAMPLES = settings(max_examples=8, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
SMALL = Limits(max_pixels=1_000_000)
SHRINKING = {"trim"}  # what they announce is the most that it may be
PARAMETERS = [
    pytest.param(parameter, id=f"{each['name']}.{name}")
    for each in describe_catalogue()
    for name, parameter in each["parameters"]["properties"].items()
]


def _kinds(parameter: Schema) -> list[Schema]:
    """The alternatives of a parameter, null aside."""
    return [kind for kind in parameter.get("anyOf", [parameter]) if kind.get("type") != "null"]


def _values(parameter: Schema) -> st.SearchStrategy[Any]:
    """Whatever the schema allows, but sides that would only make the test slow."""
    values: st.SearchStrategy[Any] = st.none()
    match parameter:
        case {"anyOf": kinds}:
            values = st.one_of([_values(kind) for kind in kinds])
        case {"enum": names}:
            values = st.sampled_from(names)
        case {"format": "uuid"}:
            values = st.just(str(auxiliary.HALD))
        case {"format": "color"}:
            values = st.sampled_from(["transparent", "red", "#777", "#12345678"])
        case {"pattern": pattern}:
            values = st.from_regex(pattern, fullmatch=True)
        case {"type": "array"}:
            values = _lists(parameter)
        case {"type": "boolean"}:
            values = st.booleans()
        case {"type": "integer", "minimum": least, "maximum": most}:
            values = st.integers(least, min(most, 300))
        case {"type": "number", "minimum": least, "maximum": most}:
            values = st.floats(least, most)
    return values


def _lists(parameter: Schema) -> st.SearchStrategy[list[Any]]:
    """A tuple has a schema for each place, a list one for all."""
    if "prefixItems" in parameter:
        return st.tuples(*map(_values, parameter["prefixItems"])).map(list)
    least, most = parameter["minItems"], parameter["maxItems"]
    return st.lists(_values(parameter["items"]), min_size=least, max_size=min(most, least + 3)) | st.lists(
        _values(parameter["items"]), min_size=most, max_size=most
    )


@st.composite
def steps(draw: st.DrawFn, name: str) -> Filter:
    """Any parameters of a filter that go together."""
    properties = CATALOGUE[name].parameters()["properties"]
    values = {name: _values(parameter) for name, parameter in properties.items()}
    needed = {name: values.pop(name) for name, parameter in properties.items() if "default" not in parameter}
    step = _parse(CATALOGUE[name], draw(st.fixed_dictionaries(needed, optional=values)))
    assume(step is not None)
    return cast("Filter", step)


def _parse(chosen: type[Filter], values: dict[str, Any]) -> Filter | None:
    try:
        return chosen.model_validate(values)
    except ValidationError:
        return None


sizes = st.tuples(st.integers(1, 40), st.integers(1, 40))


@pytest.mark.parametrize("name", CATALOGUE)
@EXAMPLES
@given(data=st.data())
def test_that_any_step_gives_the_same_image_twice_as_it_announced(name: str, data: st.DataObject) -> None:
    step, mode, size = data.draw(steps(name)), data.draw(st.sampled_from(MODES)), data.draw(sizes)
    image = canvas(mode, size)
    before = image.tobytes()
    try:
        announced = step.size_after(size)
        SMALL.check(announced)
        first, second = auxiliary.bind(step)(image), auxiliary.bind(step)(image)
    except (InvalidStep, ImageTooLarge):
        return
    assert first.size == announced or (
        name in SHRINKING and first.width <= announced[0] and first.height <= announced[1]
    )
    assert first.mode in MODES
    assert (first.mode, first.tobytes()) == (second.mode, second.tobytes())
    assert image.tobytes() == before
    assert image.mode == mode
    if step.changes_nothing(size):
        np.testing.assert_array_equal(array(first), array(image))


@pytest.mark.parametrize(
    "name", [each.name for each in CATALOGUE.values() if each.group in {"tone", "color"} and not each.changes_alpha]
)
@EXAMPLES
@given(data=st.data())
def test_that_tone_and_color_leave_alpha_alone(name: str, data: st.DataObject) -> None:
    image = canvas(data.draw(st.sampled_from(["LA", "RGBA"])))
    changed = auxiliary.bind(data.draw(steps(name)))(image)
    assert changed.getchannel("A").tobytes() == image.getchannel("A").tobytes()


@pytest.mark.parametrize("name", CATALOGUE)
@EXAMPLES
@given(data=st.data())
def test_that_a_step_survives_json(name: str, data: st.DataObject) -> None:
    step = data.draw(steps(name))
    written = {"filter": step.name, **step.model_dump(mode="json")}
    pipeline = parse_pipeline([written])
    assert pipeline.steps == (step,)
    assert pipeline.as_json() == [written]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", [name for name, each in CATALOGUE.items() if "amount" in each.model_fields])
def test_that_an_amount_of_0_changes_nothing(name: str, mode: str) -> None:
    image = canvas(mode)
    changed = CATALOGUE[name].model_validate({"amount": 0}).apply(image)
    assert changed.mode == mode
    np.testing.assert_array_equal(array(changed), array(image))


@pytest.mark.parametrize("parameter", PARAMETERS)
def test_that_a_parameter_describes_itself(parameter: Schema) -> None:
    assert "default" in parameter or parameter["format"] == "uuid"
    assert parameter["description"]
    assert "\n" not in parameter["description"]
    for kind in _kinds(parameter):
        if kind["type"] in {"integer", "number"}:
            assert kind["minimum"] < kind["maximum"]
            assert parameter["unit"]
        else:
            assert kind["type"] == "boolean" or {"enum", "pattern", "format", "items", "prefixItems"} & set(kind)


@pytest.mark.parametrize("parameter", PARAMETERS)
def test_that_a_default_is_within_its_range(parameter: Schema) -> None:
    for kind in _kinds(parameter):
        if isinstance(parameter.get("default"), int | float) and "minimum" in kind:
            assert kind["minimum"] <= parameter["default"] <= kind["maximum"]


def test_that_a_filter_is_listed_under_its_own_name_once() -> None:
    described = describe_catalogue()
    assert [each["name"] for each in described] == list(CATALOGUE)
    assert len({each.__name__ for each in CATALOGUE.values()}) == len(CATALOGUE)
    assert all(each["summary"].endswith(".") for each in described)


def test_that_a_filter_is_found_by_its_group_and_name() -> None:
    assert CATALOGUE["auto_contrast"] is AutoContrast
    for each in CATALOGUE.values():
        assert each.group in get_args(Group)
        assert each.__module__.startswith(f"imaging.filters.{each.group}.")


def test_that_a_filter_is_frozen() -> None:
    step = CATALOGUE["blur"].model_validate({})
    with pytest.raises(ValidationError):
        step.sigma = 3  # type: ignore[attr-defined]
