"""The client's models have the fields of the API's: one that is missing on either side is found here."""

from dataclasses import fields
from typing import Any

import pytest
from pydantic import BaseModel

from api import schemas
from darkroom.client.models import Catalogue, DeliveryUrl, Event, Filter, Image, Look, Output, Task, TaskError, read

MODELS: dict[type[BaseModel], Any] = {
    schemas.TaskView: Task,
    schemas.OutputView: Output,
    schemas.TaskErrorView: TaskError,
    schemas.TaskEventView: Event,
    schemas.LinkedImageView: Image,
    schemas.DeliveryUrlView: DeliveryUrl,
    schemas.FiltersView: Catalogue,
    schemas.FilterView: Filter,
    schemas.LookView: Look,
}


@pytest.mark.parametrize(("view", "model"), MODELS.items())
def test_fields_are_those_of_the_api(view: type[BaseModel], model: Any) -> None:  # noqa: ANN401 - a dataclass
    assert {field.name for field in fields(model)} == set(view.model_fields)


def test_unknown_fields_are_ignored_and_missing_ones_none() -> None:
    error = read(TaskError, {"code": "timeout", "added_later": 1})
    assert error.code == "timeout"
    assert not error.detail
