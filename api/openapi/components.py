"""Named schemas: the bodies of requests, and a pipeline with every filter and its parameters."""

from collections.abc import Iterator
from typing import Any

from imaging import OutputOptions, describe_catalogue, describe_looks

type Json = dict[str, Any]

_REFERENCE = "#/components/schemas/{model}"
_ERRORS_OF_FASTAPI = ("HTTPValidationError", "ValidationError")


def reference(name: str) -> Json:
    return {"$ref": _REFERENCE.format(model=name)}


def add_schemas(document: Json) -> None:
    """Name the schemas of JSON bodies, and type the pipelines and output options in them."""
    schemas = document["components"]["schemas"]
    for name in _ERRORS_OF_FASTAPI:
        schemas.pop(name, None)
    schemas |= dict(_of_pipelines())
    for media_type in _json_bodies(document):
        body = media_type["schema"]
        media_type["schema"] = reference(body["title"])
        schemas |= body.pop("$defs", {})
        schemas[body["title"]] = _typed(body)


def _json_bodies(document: Json) -> Iterator[Json]:
    for operations in document["paths"].values():
        for operation in operations.values():
            content = operation.get("requestBody", {}).get("content", {})
            if "title" in content.get("application/json", {}).get("schema", {}):
                yield content["application/json"]


def _typed(body: Json) -> Json:
    properties = body["properties"]
    if "pipeline" in properties:
        description = properties["pipeline"]["description"]
        properties["pipeline"] = {**reference("Pipeline"), "default": [], "description": description}
        nothing_or_options = {"anyOf": [reference("OutputOptions"), {"type": "null"}], "default": None}
        properties["output"] = {**nothing_or_options, "description": properties["output"]["description"]}
    return body


def _of_pipelines() -> Iterator[tuple[str, Json]]:
    filters = {each["name"]: each for each in describe_catalogue()}
    names = {name: _schema_name(name) for name in filters}
    yield from ((names[name], _step(each)) for name, each in filters.items())
    name = {"enum": [look["name"] for look in describe_looks()], "description": "Name of the look."}
    looks = {"type": "object", "required": ["filter"], "properties": {"filter": name}}
    yield "LookStep", {**looks, "additionalProperties": False, "description": "A look, in place of the steps it names."}
    steps = {"oneOf": [reference(name) for name in (*names.values(), "LookStep")]}
    yield "Step", {**steps, "description": "One filter with its parameters."}
    text = {"type": "string", "description": "`@name` of a preset, or `thumbor:filters:…`."}
    yield "Pipeline", {"anyOf": [{"type": "array", "items": reference("Step")}, text]}
    yield "OutputOptions", OutputOptions.model_json_schema(ref_template=_REFERENCE)


def _step(described: Json) -> Json:
    parameters = described["parameters"]
    properties = {"filter": {"const": described["name"], "type": "string"}, **parameters["properties"]}
    required = ["filter", *parameters.get("required", ())]
    return {**parameters, "properties": properties, "required": required, "description": described["summary"]}


def _schema_name(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_")) + "Step"
