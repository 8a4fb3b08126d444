"""What a task renders: pipeline and output options from a form or JSON, validated before anything is stored."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from api.strict_json import InvalidJson, parse_json
from api.uploads.incoming import Fields
from core.errors import InvalidPipeline, Problem
from imaging import THUMBOR_PREFIX, OutputOptions, Pipeline, parse_output_options, parse_pipeline

PRESET_START = "@"
SPEC_FIELDS = frozenset({"filter", "pipeline", "output"})
_PROBLEMS_IN_DETAIL = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class PresetUse:
    """The preset that a request named in place of a pipeline."""

    requested: str  # such as `@thumbnail`
    given_output: object  # the options in the request, as JSON
    version: str  # what was requested at that moment, such as `@thumbnail.v3`


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderSpec:
    pipeline: Pipeline
    output: OutputOptions
    preset: PresetUse | None = None

    def as_requested(self) -> list[Any]:
        """Return JSON that is the same for the same request, also after the preset that it names has changed."""
        if self.preset:
            return [self.preset.requested, self.preset.given_output]
        return [self.pipeline.as_json(), self.output.model_dump(mode="json")]


def spec_from(steps: object, output: object, *, preset: PresetUse | None = None) -> RenderSpec:
    """Parse both. Raises InvalidPipeline with the problems of both."""
    problems: list[Problem] = []
    try:
        pipeline = parse_pipeline(steps)
    except InvalidPipeline as error:
        problems += error.problems
    try:
        options = parse_output_options(output)
    except InvalidPipeline as error:
        problems += error.problems
    if problems:
        raise rejection(problems)
    return RenderSpec(pipeline=pipeline, output=options, preset=preset)


def steps_and_output(fields: Fields) -> tuple[object, object]:
    """Read a form that has either repeated `filter` fields or one `pipeline` field: JSON, or a name of a preset."""
    repeated = [
        Problem(name, "may occur only once") for name in ("pipeline", "output") if len(fields.get(name, [])) > 1
    ]
    if "filter" in fields and "pipeline" in fields:
        repeated.append(Problem("filter", "cannot be combined with `pipeline`; send one of them"))
    if repeated:
        raise rejection(repeated)
    names = fields.get("filter", [])
    steps = _json(fields, "pipeline") if "pipeline" in fields else [{"filter": name} for name in names]
    return steps, _json(fields, "output")


def _json(fields: Fields, name: str) -> Any:  # noqa: ANN401 - whatever the client wrote; validated next
    text = fields.get(name, [""])[0]
    if text.startswith((THUMBOR_PREFIX, PRESET_START)):
        return text
    try:
        return parse_json(text) if text.strip() else None
    except InvalidJson as error:
        raise rejection([Problem(".".join((name, *error.path)), error.message)]) from error


def rejection(problems: Sequence[Problem]) -> InvalidPipeline:
    detail = "; ".join(f"{each.place}: {each.message}" for each in problems[:_PROBLEMS_IN_DETAIL])
    return InvalidPipeline(detail, problems=tuple(problems))
