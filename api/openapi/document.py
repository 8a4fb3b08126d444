"""Documents what FastAPI cannot see: streamed bodies, and errors as problem+json."""

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel

from api.errors import PROBLEM_MEDIA_TYPE
from api.schemas import NewTaskBody, ProblemView
from core.errors import (
    CrossSiteRequest,
    DatabaseOverloaded,
    DependencyUnavailable,
    InsufficientScope,
    InvalidRequest,
    SessionRequired,
    TooManyConcurrentRequests,
)
from imaging import list_formats

DESCRIPTION = """Upload an image, choose filters, download the result.

Sign in with `POST /v1/sessions` and send the token as `Authorization: Bearer <token>`. Programs use
an API key, made with `POST /v1/api-keys`, in its place. Errors are RFC 9457 problem
details with a stable `code`; every response carries an `X-Request-ID`.
"""
TAGS = [
    {"name": "users", "description": "Accounts."},
    {"name": "sessions", "description": "Signing in and out."},
    {"name": "api-keys", "description": "Keys for programs. They are not valid for accounts, sessions and keys."},
    {"name": "filters", "description": "The catalogue of filters and looks."},
    {"name": "images", "description": "Source images, uploaded once and used by many tasks."},
    {"name": "presets", "description": "Named pipelines with output options, in versions."},
    {"name": "tasks", "description": "An image, a pipeline and its output."},
    {"name": "delivery", "description": "Images by signed URL, rendered when they are asked for."},
    {"name": "previews", "description": "Small outputs at once, rendered from a small copy of the image."},
    {"name": "objects", "description": "Downloads by signed link, where objects are stored as files."},
    {"name": "health", "description": "Probes and metrics."},
]

_REFERENCE = "#/components/schemas/{model}"
_OF_AUTHENTICATION = f"`{CrossSiteRequest.code}` `{SessionRequired.code}` `{InsufficientScope.code}`"
_OF_EVERY_CALL = {
    "422": f"`{InvalidRequest.code}`",
    "429": f"`{TooManyConcurrentRequests.code}`",
    "503": f"`{DependencyUnavailable.code}` `{DatabaseOverloaded.code}`",
}
_IMAGE = {
    "type": "string",
    "format": "binary",
    "description": f"{list_formats()}; detected from its bytes.",
}
# `example` is what Swagger UI fills in, and it sends what is filled in: one of `filter` and `pipeline` has to be empty.
_FILTERS = {
    "type": "array",
    "items": {"type": "string"},
    "description": "Filter names, in order; or use `pipeline`.",
    "example": [],
}
_STEPS = {
    "type": "string",
    "description": 'JSON list of `{"filter": name, …parameters}`, see `/v1/filters`; `@name` of a preset; `thumbor:…`.',
    "example": '[{"filter": "blur", "sigma": 2}, {"filter": "grayscale"}]',
}
_OUTPUT = {
    "type": "string",
    "description": "JSON object: `format`, `quality`, `metadata`, `frames`, `analyse`, … See docs/outputs.md.",
    "example": '{"format": "webp", "quality": 80}',
}
_FILE_NAME = {
    "type": "string",
    "description": "Name of the output; the default is that of the image and of the last step.",
    "example": "",
}


def _form(**properties: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON Schema
    schema = {
        "type": "object",
        "required": ["image"],
        "properties": {"image": _IMAGE, **properties},
        "additionalProperties": False,
    }
    return {"schema": schema, "encoding": {"filter": {"style": "form", "explode": True}}}


def json_body(model: type[BaseModel]) -> dict[str, Any]:
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": model.model_json_schema()}}}}


def _content(*bodies: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    return {"requestBody": {"required": True, "content": dict(bodies)}}


TASK_BODY = _content(
    ("multipart/form-data", _form(filter=_FILTERS, pipeline=_STEPS, output=_OUTPUT, file_name=_FILE_NAME)),
    ("application/json", {"schema": NewTaskBody.model_json_schema()}),
)
IMAGE_BODY = _content(
    ("multipart/form-data", _form()),
    ("application/octet-stream", {"schema": _IMAGE}),
)


def document(app: FastAPI) -> None:
    """Make `app.openapi()` describe errors as problem details."""

    def openapi() -> dict[str, Any]:
        if not app.openapi_schema:
            app.openapi_schema = _with_problems(
                get_openapi(
                    title=app.title,
                    version=app.version,
                    summary=app.summary,
                    description=app.description,
                    routes=app.routes,
                    tags=app.openapi_tags,
                )
            )
        return app.openapi_schema

    # FastAPI's documented way to extend the schema.
    app.openapi = openapi  # type: ignore[method-assign]


def _with_problems(schema: dict[str, Any]) -> dict[str, Any]:
    models = schema["components"]["schemas"]
    for name in ("HTTPValidationError", "ValidationError"):
        models.pop(name, None)
    problem = ProblemView.model_json_schema(ref_template=_REFERENCE)
    models |= problem.pop("$defs")
    models["ProblemView"] = problem
    for answer in _error_responses(schema):
        answer["content"] = {PROBLEM_MEDIA_TYPE: {"schema": {"$ref": _REFERENCE.format(model="ProblemView")}}}
    return schema


def _error_responses(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for path, operations in schema["paths"].items():
        for operation in operations.values():
            if "security" in operation:
                operation["responses"].setdefault("403", {"description": _OF_AUTHENTICATION})
            for code, description in _OF_EVERY_CALL.items() if path.startswith("/v1/") else ():
                operation["responses"].setdefault(code, {"description": description})
            yield from (
                answer for code, answer in operation["responses"].items() if code >= "400" and path != "/readyz"
            )
