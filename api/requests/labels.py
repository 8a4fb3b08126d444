"""Reads labels from forms and query parameters, where the field `tag` is repeated."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import Depends, Query
from pydantic import ValidationError

from api.schemas import LabelsBody
from core.errors import InvalidRequest, Problem
from core.labels import MAX_TAGS, Labels, Reference, Tag
from core.validation import problems_of

LABEL_FIELDS = frozenset({"reference", "tag"})


async def _search(
    reference: Annotated[Reference | None, Query(description="Only those with this reference.")] = None,
    tag: Annotated[list[Tag], Query(max_length=MAX_TAGS, description="Only those with all of these tags.")] = [],  # noqa: B006 - FastAPI copies it
) -> Labels:
    return Labels(reference=reference, tags=tuple(dict.fromkeys(tag)))


async def _given(
    reference: Annotated[Reference | None, Query(description="As the field of a form.")] = None,
    tag: Annotated[list[Tag], Query(max_length=MAX_TAGS, description="As the field of a form.")] = [],  # noqa: B006 - FastAPI copies it
) -> Labels:
    return Labels(reference=reference, tags=tuple(dict.fromkeys(tag)))


# What a list is searched for, and what an upload without a form is given.
LabelSearch = Annotated[Labels, Depends(_search)]
LabelQuery = Annotated[Labels, Depends(_given)]


def parse_labels[Model: LabelsBody](fields: Mapping[str, Sequence[str]], model: type[Model]) -> Model:
    """Return the fields of a form that the model has. Raises InvalidRequest. Empty fields count as missing."""
    given = {name: [value for value in fields.get(name, ()) if value] for name in model.model_fields}
    values: dict[str, Any] = {name: found[0] if len(found) == 1 else found for name, found in given.items() if found}
    values["tags"] = [tag for tag in fields.get("tag", ()) if tag]
    try:
        return model.model_validate(values)
    except ValidationError as error:
        problems = tuple(Problem(_form_place(each.place), each.message) for each in problems_of(error, values))
        raise InvalidRequest("The request is invalid; see `problems`.", problems=problems) from error


def _form_place(place: str) -> str:
    return "tag" if place.split(".", maxsplit=1)[0] == "tags" else place
