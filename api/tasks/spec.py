"""What to do with a picture, read from a form or from JSON and validated before anything is kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from api.uploads.incoming import Fields
from core.errors import InvalidPipeline, Problem
from core.strict_json import InvalidJson, parse_json
from imaging.codecs.output_options import OutputOptions
from imaging.pipeline.parse import Pipeline, parse_output_options, parse_pipeline
from imaging.pipeline.thumbor import PREFIX as THUMBOR

ORDER_FIELDS = frozenset({"filter", "pipeline", "output"})
_MISTAKES_IN_DETAIL = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    pipeline: Pipeline
    output: OutputOptions


def order_from(steps: object, output: object) -> Order:
    """Raises InvalidPipeline with all mistakes of both."""
    mistakes: list[Problem] = []
    try:
        pipeline = parse_pipeline(steps)
    except InvalidPipeline as error:
        mistakes += error.problems
    try:
        options = parse_output_options(output)
    except InvalidPipeline as error:
        mistakes += error.problems
    if mistakes:
        raise refusal(mistakes)
    return Order(pipeline=pipeline, output=options)


def order_from_form(fields: Fields) -> Order:
    """A form names filters by `filter`, one field each, or writes steps as JSON in `pipeline`."""
    repeated = [
        Problem(name, "Send this field once.") for name in ("pipeline", "output") if len(fields.get(name, [])) > 1
    ]
    if "filter" in fields and "pipeline" in fields:
        repeated.append(Problem("filter", "Send either `filter` or `pipeline`."))
    if repeated:
        raise refusal(repeated)
    names = fields.get("filter", [])
    steps = _json(fields, "pipeline") if "pipeline" in fields else [{"filter": name} for name in names]
    return order_from(steps, _json(fields, "output"))


def _json(fields: Fields, name: str) -> Any:  # noqa: ANN401 - whatever the client wrote; validated next
    text = fields.get(name, [""])[0]
    if text.startswith(THUMBOR):
        return text
    try:
        return parse_json(text) if text.strip() else None
    except InvalidJson as error:
        raise refusal([Problem(".".join((name, *error.path)), error.message)]) from error


def refusal(mistakes: Sequence[Problem]) -> InvalidPipeline:
    detail = "; ".join(f"{each.place}: {each.message}" for each in mistakes[:_MISTAKES_IN_DETAIL])
    return InvalidPipeline(detail, problems=tuple(mistakes))
