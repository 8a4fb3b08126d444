"""Parses steps and output options from JSON, and reports every error with its path."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from core.errors import MAX_PROBLEMS, InvalidPipeline, Problem
from core.validation import describe_unknown, problems_of
from imaging.codecs.encoding.option_support import check_supported
from imaging.codecs.output_options import AUTO, OutputOptions
from imaging.filters import CATALOGUE, Filter
from imaging.filters.auxiliary import AuxiliaryImageFilter
from imaging.pipeline import thumbor
from imaging.pipeline.looks import LOOKS

MAX_STEPS = 20
_EXAMPLE_STEP = 'such as {"filter": "blur", "sigma": 2}'


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Steps in the order in which they apply. Without any, a render only converts the file."""

    steps: tuple[Filter, ...]

    @property
    def auxiliary_images(self) -> Iterator[tuple[str, AuxiliaryImageFilter]]:
        """The steps that refer to an auxiliary image, each with its path."""
        for index, step in enumerate(self.steps):
            if isinstance(step, AuxiliaryImageFilter):
                yield f"pipeline.{index}", step

    def as_json(self) -> list[dict[str, Any]]:
        """The steps with every parameter, so that a later default does not change an accepted task."""
        return [{"filter": step.name, **step.model_dump(mode="json")} for step in self.steps]


def parse_pipeline(steps: object) -> Pipeline:
    """Parse `[{"filter": name, **parameters}, …]` or a filter string of thumbor; a look is expanded into its steps.

    Raises InvalidPipeline with all errors and their paths, such as `pipeline.2.sigma`.
    """
    if isinstance(steps, str) and steps.startswith(thumbor.PREFIX):
        steps = thumbor.parse_filters(steps)
    if not isinstance(steps, list):
        raise _rejection([Problem("pipeline", f"must be a list of steps {_EXAMPLE_STEP}")])
    _check_count(len(steps), "steps")
    parsed = [each for index, step in enumerate(steps) for each in _parse_step(step, f"pipeline.{index}")]
    problems = [each for each in parsed if isinstance(each, Problem)]
    if problems:
        raise _rejection(problems)
    _check_count(len(parsed), "steps, those of its looks included")
    return Pipeline(tuple(each for each in parsed if isinstance(each, Filter)))


def parse_output_options(value: object) -> OutputOptions:
    """Parse an object; None stands for the defaults. Raises InvalidPipeline with all errors and their paths.

    With the format `auto`, what the format must support is checked once that of the source is known.
    """
    if value is not None and not isinstance(value, dict):
        raise _rejection([Problem("output", 'must be an object such as {"format": "webp", "quality": 75}')])
    try:
        options = OutputOptions.model_validate(value or {})
    except ValidationError as error:
        problems = problems_of(error, value, prefix="output", fields=OutputOptions.model_fields)
        raise _rejection(problems) from error
    if options.format != AUTO:
        check_supported(options, options.format)
    return options


def _check_count(steps: int, what: str) -> None:
    if steps > MAX_STEPS:
        raise _rejection([Problem("pipeline", f"has {steps} {what}; at most {MAX_STEPS} are allowed")])


def _parse_step(step: object, path: str) -> tuple[Filter | Problem, ...]:
    if not isinstance(step, dict):
        return (Problem(path, f"must be an object {_EXAMPLE_STEP}"),)
    name, parameters = step.get("filter"), {key: value for key, value in step.items() if key != "filter"}
    if isinstance(name, str) and name in LOOKS:
        return _expand_look(name, parameters, path)
    if not isinstance(name, str) or name not in CATALOGUE:
        return (Problem(f"{path}.filter", _unknown_filter(name)),)
    try:
        return (CATALOGUE[name].model_validate(parameters),)
    except ValidationError as error:
        return tuple(problems_of(error, parameters, prefix=path, fields=CATALOGUE[name].model_fields))


def _expand_look(name: str, parameters: dict[Any, Any], path: str) -> tuple[Filter | Problem, ...]:
    unknown = [f"{path}.{str(key)[:50]}" for key in list(parameters)[:MAX_PROBLEMS]]
    if unknown:
        return tuple(Problem(each, f"is unknown: the look {name} has no parameters") for each in unknown)
    return tuple(each for step in LOOKS[name].pipeline for each in _parse_step(step, path))


def _unknown_filter(name: object) -> str:
    if name is None:
        return "is required: the name of a filter or look"
    if "," in str(name):
        return f"unknown filter {str(name)[:50]!r}. A step has one filter; repeat `filter` for each"
    return describe_unknown("filter", name, [*CATALOGUE, *LOOKS])


def _rejection(problems: list[Problem]) -> InvalidPipeline:
    first, more = problems[0], len(problems) - 1
    detail = f"{first.place}: {first.message}" + (f" (and {more} more)" if more else "")
    return InvalidPipeline(detail, problems=tuple(problems))
