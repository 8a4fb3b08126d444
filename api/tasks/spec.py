"""What a task renders: pipeline and output options from a form or JSON, validated before anything is stored."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from api.requests.strict_json import InvalidJson, parse_json
from api.uploads.file_names import stem_of
from api.uploads.forms import Fields
from core.errors import InvalidOutput, InvalidPipeline, Problem
from imaging import (
    THUMBOR_PREFIX,
    OutputOptions,
    Pipeline,
    find_unsupported,
    parse_output_options,
    parse_pipeline,
    render_digest,
)

PRESET_START = "@"
SPEC_FIELDS = frozenset({"filter", "pipeline", "output", "file_name"})
_PROBLEMS_IN_DETAIL = 3
_WRITTEN = {
    "pipeline": 'steps are written as [{"filter": "sepia"}], a preset as @thumbnail',
    "output": 'options are written as {"format": "webp"}',
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PresetUse:
    """The preset that a request named in place of a pipeline."""

    name: str
    requested: str  # such as `@thumbnail`
    given_output: object  # the options in the request, as JSON
    version: str  # what was requested at that moment, such as `@thumbnail.v3`


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RenderSpec:
    """`file_name` is what the client named the output, `last_step` the last filter, look or preset; no extensions."""

    pipeline: Pipeline
    output: OutputOptions
    file_name: str | None = None
    last_step: str | None = None
    preset: PresetUse | None = None

    def as_requested(self) -> list[Any]:
        """Return JSON that is the same for the same request, also after the preset that it names has changed."""
        if self.preset:
            return [self.preset.requested, self.preset.given_output]
        return [self.pipeline.as_json(), self.output.model_dump(mode="json")]

    def digest(self, *source: str) -> str:
        """Return what names the bytes that this renders from a source: tasks and delivery share them by it."""
        return render_digest(source, self.pipeline.as_json(), self.output.model_dump(mode="json"))

    def name_output(self, source_name: str | None) -> str | None:
        """Return the output's name without extension: the client's, else `holiday-sepia`; None if there is neither."""
        if self.file_name or not source_name:
            return self.file_name
        return f"{source_name}-{self.last_step}" if self.last_step else source_name


def spec_from(
    steps: object, output: object, *, file_name: str | None = None, preset: PresetUse | None = None
) -> RenderSpec:
    """Parse steps, output options and file name. Raises InvalidPipeline with their problems."""
    problems: list[Problem] = []
    stem = stem_of(file_name)
    if file_name and stem is None:
        problems.append(Problem("file_name", "must contain a character that file names can have, such as a letter"))
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
    last_step = preset.name if preset else _last_step(steps, pipeline)
    return RenderSpec(pipeline=pipeline, output=options, file_name=stem, last_step=last_step, preset=preset)


def _last_step(steps: object, pipeline: Pipeline) -> str | None:
    """Return the last name that the client wrote: a look is one name, but several steps."""
    if isinstance(steps, list):
        return steps[-1]["filter"] if steps else None
    return pipeline.steps[-1].name if pipeline.steps else None


def parse_form(fields: Fields) -> tuple[object, object, str | None]:
    """Return the steps, or the name of a preset, the output options and the file name of a form.

    It has either repeated `filter` fields or one `pipeline` field. Web forms also send what was not filled in: an
    empty pipeline beside filters is none.
    """
    repeated = [
        Problem(name, "may occur only once")
        for name in ("pipeline", "output", "file_name")
        if len(fields.get(name, [])) > 1
    ]
    has_pipeline = "pipeline" in fields and ("filter" not in fields or bool(fields["pipeline"][0].strip()))
    if "filter" in fields and has_pipeline:
        repeated.append(Problem("filter", "cannot be combined with `pipeline`; send one of them"))
    if repeated:
        raise rejection(repeated)
    names = fields.get("filter", [])
    steps = _json(fields, "pipeline") if has_pipeline else [{"filter": name} for name in names]
    return steps, _json(fields, "output"), fields.get("file_name", [None])[0]


def check_format(spec: RenderSpec, source_format: str) -> None:
    """Raise InvalidPipeline for options that the output's format lacks, where it is that of the source, if known."""
    if source_format and (problems := find_unsupported(spec.output, source_format)):
        raise rejection(problems)


def _json(fields: Fields, name: str) -> Any:  # noqa: ANN401 - whatever the client wrote; validated next
    text = fields.get(name, [""])[0]
    if text.startswith((THUMBOR_PREFIX, PRESET_START)):
        return text
    try:
        return parse_json(text) if text.strip() else None
    except InvalidJson as error:
        message = error.message if text.lstrip()[:1] in {"[", "{"} else f"{error.message}; {_WRITTEN[name]}"
        raise rejection([Problem(".".join((name, *error.path)), message)]) from error


def rejection(problems: Sequence[Problem]) -> InvalidPipeline:
    """Return InvalidOutput if only output options are wrong, else InvalidPipeline."""
    detail = "; ".join(f"{each.place}: {each.message}" for each in problems[:_PROBLEMS_IN_DETAIL])
    only_output = all(each.place.split(".")[0] == "output" for each in problems)
    return (InvalidOutput if only_output else InvalidPipeline)(detail, problems=tuple(problems))
