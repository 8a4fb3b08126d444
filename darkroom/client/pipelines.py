"""Pipelines as callers write them, as the service expects them."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

# A preset as "@name", or a step or steps: names of filters, or {"filter": name, …parameters}.
type Pipeline = str | Mapping[str, Any] | Iterable[str | Mapping[str, Any]]


def steps_of(pipeline: Pipeline) -> str | list[dict[str, Any]]:
    """Return the name of a preset, or steps as JSON."""
    if isinstance(pipeline, str):
        return pipeline if pipeline.startswith(("@", "thumbor:")) else [{"filter": pipeline}]
    if isinstance(pipeline, Mapping):
        return [dict(pipeline)]
    return [{"filter": step} if isinstance(step, str) else dict(step) for step in pipeline]


def form_fields(pipeline: Pipeline, output: Mapping[str, Any] | None, file_name: str | None) -> dict[str, str]:
    steps = steps_of(pipeline)
    fields = {"pipeline": steps if isinstance(steps, str) else json.dumps(steps)}
    if output:
        fields["output"] = json.dumps(dict(output))
    if file_name:
        fields["file_name"] = file_name
    return fields


def json_fields(
    image_id: str, pipeline: Pipeline, output: Mapping[str, Any] | None, file_name: str | None = None
) -> dict[str, Any]:
    given = {"image_id": image_id, "pipeline": steps_of(pipeline), "output": output and dict(output)}
    return {name: value for name, value in {**given, "file_name": file_name}.items() if value is not None}
