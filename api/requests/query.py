"""Rejects query parameters that a route does not have: a misspelled filter would return or delete more than meant."""

from collections.abc import Iterator
from typing import Any

from fastapi import Request

from core.errors import MAX_PROBLEMS, InvalidRequest, Problem
from core.validation import describe_unknown

_LONGEST_NAME = 50  # in a message


async def check_query(request: Request) -> None:
    """Raise InvalidRequest with a problem for each unknown name."""
    if not request.query_params:
        return
    known = sorted(_names_of(request.scope["route"].dependant))
    unknown = [name for name in request.query_params if name not in known][:MAX_PROBLEMS]
    if unknown:
        problems = (Problem(name[:_LONGEST_NAME], describe_unknown("query parameter", name, known)) for name in unknown)
        raise InvalidRequest("The request is invalid; see `problems`.", problems=tuple(problems))


def _names_of(dependant: Any) -> Iterator[str]:  # noqa: ANN401 - FastAPI's, which it does not export
    """Yield the names of a route's query parameters, those of its dependencies included."""
    yield from (field.alias for field in dependant.query_params)
    for each in dependant.dependencies:
        yield from _names_of(each)
