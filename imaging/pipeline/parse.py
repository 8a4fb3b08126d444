"""From steps and options as JSON to a checked pipeline: every mistake is named with its place."""

import difflib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError

from core.errors import MAX_PROBLEMS, InvalidPipeline, Problem
from imaging.codecs.output_options import OutputOptions
from imaging.filters import CATALOGUE, Filter
from imaging.filters.auxiliary import AuxiliaryImageFilter
from imaging.pipeline import thumbor
from imaging.pipeline.looks import LOOKS

MAX_STEPS = 20
_MOST_LISTED = 20


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Steps in the order in which they are taken. None at all is a mere conversion."""

    steps: tuple[Filter, ...]

    @property
    def auxiliary_images(self) -> Iterator[tuple[str, AuxiliaryImageFilter]]:
        """The steps that take one, each with its place."""
        for index, step in enumerate(self.steps):
            if isinstance(step, AuxiliaryImageFilter):
                yield f"pipeline.{index}", step

    def as_json(self) -> list[dict[str, Any]]:
        """Every parameter written out, so that a later default changes no task that was accepted before."""
        return [{"filter": step.name, **step.model_dump(mode="json")} for step in self.steps]


def parse_pipeline(steps: object) -> Pipeline:
    """Steps are `[{"filter": name, **parameters}, …]`, or a filter string of thumbor.

    A look is written out into its steps. Raises InvalidPipeline with every mistake and its place.
    """
    if isinstance(steps, str) and steps.startswith(thumbor.PREFIX):
        steps = thumbor.steps_from(steps)
    if not isinstance(steps, list):
        raise _refusal([Problem("pipeline", 'must be a list of steps such as {"filter": "blur", "sigma": 2}')])
    if len(steps) > MAX_STEPS:
        raise _refusal([Problem("pipeline", f"has {len(steps)} steps; {MAX_STEPS} are allowed")])
    parsed = [each for index, step in enumerate(steps) for each in _parse_step(step, f"pipeline.{index}")]
    problems = [each for each in parsed if isinstance(each, Problem)]
    if not problems and len(parsed) > MAX_STEPS:
        problems.append(Problem("pipeline", f"has {len(parsed)} steps with its looks; {MAX_STEPS} are allowed"))
    if problems:
        raise _refusal(problems)
    return Pipeline(tuple(each for each in parsed if isinstance(each, Filter)))


def parse_output_options(value: object) -> OutputOptions:
    """None stands for the defaults. Raises InvalidPipeline with every mistake and its place."""
    if value is not None and not isinstance(value, dict):
        raise _refusal([Problem("output", 'must be an object such as {"format": "webp", "quality": 75}')])
    try:
        return OutputOptions.model_validate(value or {})
    except ValidationError as error:
        raise _refusal(_problems(error, "output", OutputOptions)) from error


def _parse_step(step: object, place: str) -> tuple[Filter | Problem, ...]:
    if not isinstance(step, dict):
        return (Problem(place, 'must be an object such as {"filter": "blur", "sigma": 2}'),)
    name, parameters = step.get("filter"), {key: value for key, value in step.items() if key != "filter"}
    if isinstance(name, str) and name in LOOKS:
        named = list(parameters)[:MAX_PROBLEMS]
        unknown = tuple(Problem(f"{place}.{str(key)[:50]}", "a look has no parameters") for key in named)
        return unknown or tuple(each for own in LOOKS[name].pipeline for each in _parse_step(own, place))
    if not isinstance(name, str) or name not in CATALOGUE:
        return (Problem(f"{place}.filter", _unknown("filter", name, [*CATALOGUE, *LOOKS])),)
    chosen = CATALOGUE[name]
    try:
        return (chosen.model_validate(parameters),)
    except ValidationError as error:
        return tuple(_problems(error, place, chosen))


def _problems(error: ValidationError, place: str, model: type[BaseModel]) -> list[Problem]:
    problems = []
    for each in error.errors(include_url=False, include_context=False, include_input=False)[:MAX_PROBLEMS]:
        where = ".".join([place, *(str(part)[:50] for part in each["loc"][:1])])
        is_unknown = each["type"] == "extra_forbidden"
        message = _unknown("parameter", each["loc"][0], model.model_fields) if is_unknown else each["msg"]
        problems.append(Problem(where, message))
    return problems


def _unknown(kind: str, name: object, known: Iterable[str]) -> str:
    """Names what was meant, if that can be told, else what there is."""
    if name is None:
        return f"is missing; there are {_listed(known)}"
    if kind == "filter" and "," in str(name):
        return f"no filter is called {str(name)[:50]!r}; name one a step, so `filter` once for each"
    near = difflib.get_close_matches(str(name)[:50].lower(), known, n=3)
    hint = f"did you mean {' or '.join(near)}?" if near else f"there are {_listed(known)}"
    return f"no {kind} is called {str(name)[:50]!r}; {hint}"


def _listed(known: Iterable[str]) -> str:
    names = list(known)
    more = f" and {len(names) - _MOST_LISTED} more" if len(names) > _MOST_LISTED else ""
    return (", ".join(names[:_MOST_LISTED]) or "none") + more


def _refusal(problems: list[Problem]) -> InvalidPipeline:
    first, more = problems[0], len(problems) - 1
    detail = f"{first.place}: {first.message}" + (f" (and {more} more)" if more else "")
    return InvalidPipeline(detail, problems=tuple(problems))
