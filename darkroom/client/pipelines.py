"""Pipelines as callers write them, as the service expects them."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from darkroom.client.options import TaskOptions

# A preset as "@name", or a step or steps: names of filters, or {"filter": name, …parameters}.
type Pipeline = str | Mapping[str, Any] | Iterable[str | Mapping[str, Any]]


def steps_of(pipeline: Pipeline) -> str | list[dict[str, Any]]:
    """Return the name of a preset, or steps as JSON."""
    if isinstance(pipeline, str):
        return pipeline if pipeline.startswith(("@", "thumbor:")) else [{"filter": pipeline}]
    if isinstance(pipeline, Mapping):
        return [dict(pipeline)]
    return [{"filter": step} if isinstance(step, str) else dict(step) for step in pipeline]


def form_fields(pipeline: Pipeline, output: Mapping[str, Any] | None, options: TaskOptions) -> dict[str, Any]:
    steps = steps_of(pipeline)
    fields = {"pipeline": steps if isinstance(steps, str) else json.dumps(steps)}
    if output:
        fields["output"] = json.dumps(dict(output))
    given = {"tag" if name == "tags" else name: value for name, value in options.items() if value}
    return {**fields, **given}


def json_fields(
    image_id: str, pipeline: Pipeline, output: Mapping[str, Any] | None, options: TaskOptions | None = None
) -> dict[str, Any]:
    fields = {"image_id": image_id, "pipeline": steps_of(pipeline), "output": output and dict(output)}
    given = {name: value for name, value in (options or {}).items() if value}
    return {name: value for name, value in {**fields, **given}.items() if value is not None}
