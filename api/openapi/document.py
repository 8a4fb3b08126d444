"""Completes what FastAPI derives from the routes: errors as problem+json, headers, and who may call what."""

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from api.errors import PROBLEM_MEDIA_TYPE
from api.openapi.components import Json, add_schemas, reference
from api.openapi.examples import add_examples
from api.openapi.files import describe_files, file_headers
from api.openapi.problem_examples import add_problem_examples
from api.schemas import ProblemView
from core.errors import (
    CrossSiteRequest,
    DatabaseOverloaded,
    DependencyUnavailable,
    InsufficientScope,
    InvalidRequest,
    SessionRequired,
    StorageFull,
    TooManyConcurrentRequests,
)

_OF_AUTHENTICATION = f"`{CrossSiteRequest.code}` `{SessionRequired.code}` `{InsufficientScope.code}`"
_OF_EVERY_CALL = {
    "422": f"`{InvalidRequest.code}`",
    "429": f"`{TooManyConcurrentRequests.code}`",
    "503": f"`{DependencyUnavailable.code}` `{DatabaseOverloaded.code}`",
    "507": f"`{StorageFull.code}`",
}
_HEADERS = {
    "X-Request-ID": {"schema": {"type": "string"}, "description": "In the log lines of this request; quote it."},
    "Retry-After": {"schema": {"type": "integer"}, "description": "Seconds to wait before the request is repeated."},
    "Location": {"schema": {"type": "string"}, "description": "Path of what was created, or link to the output."},
    "WWW-Authenticate": {
        "schema": {"type": "string"},
        "description": "`Bearer`, and the kind of error where it is one.",
    },
    "Preference-Applied": {"schema": {"type": "string"}, "description": "The wait that was applied: `wait=30`."},
    "Content-Disposition": {"schema": {"type": "string"}, "description": "`inline` or `attachment`, and a file name."},
    "Content-Range": {"schema": {"type": "string"}, "description": "Which bytes of how many, as `bytes 0-99/48213`."},
    "Accept-Ranges": {"schema": {"type": "string"}, "description": "`bytes`: `Range` requests are answered."},
    "Cache-Control": {"schema": {"type": "string"}, "description": "Who may keep the answer, and for how long."},
    "ETag": {"schema": {"type": "string"}, "description": "The version of the bytes; send it as `If-None-Match`."},
    "Last-Modified": {"schema": {"type": "string"}, "description": "When the source was stored."},
    "Vary": {"schema": {"type": "string"}, "description": "Request headers that the answer depends on; often none."},
    "Darkroom-Warnings": {
        "schema": {"type": "string"},
        "description": "Warnings of the task, as far as a preview shows them; omitted without any. A structured list "
        "(RFC 9651) of the codes in docs/errors.md.",
        "example": 'step_without_effect;path="pipeline.0", transparency_lost;path="output.format"',
    },
}
_CREATES = ("submitTask", "uploadImage")
_WAITS = ("submitTask", "getTask")


def operation_id(route: APIRoute) -> str:
    """Return the name of the route's function in camel case, such as `submitTask`. It is stable, so it is public."""
    first, *others = route.name.split("_")
    return first + "".join(part.capitalize() for part in others)


def document(app: FastAPI) -> None:
    """Make `app.openapi()` return the whole document."""

    def openapi() -> dict[str, Any]:
        if not app.openapi_schema:
            app.openapi_schema = get_openapi(
                title=app.title,
                version=app.version,
                summary=app.summary,
                description=app.description,
                routes=app.routes,
                tags=app.openapi_tags,
            )
            _complete(app.openapi_schema)
        return app.openapi_schema

    # FastAPI's documented way to extend the schema.
    app.openapi = openapi  # type: ignore[method-assign]


def _complete(schema: Json) -> None:
    problem = ProblemView.model_json_schema(ref_template="#/components/schemas/{model}")
    schema["components"]["schemas"] |= {**problem.pop("$defs"), "ProblemView": problem}
    schema["components"]["headers"] = _HEADERS
    add_schemas(schema)
    for path, operation in _operations(schema):
        if path.startswith("/v1/"):
            _add_common_errors(operation)
        if path != "/readyz":
            _describe_errors(operation)
        _add_headers(operation)
        _describe_streams(operation)
        operation.setdefault("security", [])  # open to everybody
    describe_files(_all_of(schema))
    add_examples(_all_of(schema))
    add_problem_examples(schema, _all_of(schema))


def _operations(schema: Json) -> Iterator[tuple[str, Json]]:
    for path, operations in schema["paths"].items():
        yield from ((path, operation) for operation in operations.values())


def _all_of(schema: Json) -> Iterator[Json]:
    return (operation for _, operation in _operations(schema))


def _add_common_errors(operation: Json) -> None:
    if "security" in operation:
        operation["responses"].setdefault("403", {"description": _OF_AUTHENTICATION})
    for code, description in _OF_EVERY_CALL.items():
        operation["responses"].setdefault(code, {"description": description})


def _describe_errors(operation: Json) -> None:
    for code, response in operation["responses"].items():
        if code >= "400":
            response["content"] = {PROBLEM_MEDIA_TYPE: {"schema": reference("ProblemView")}}


def _add_headers(operation: Json) -> None:
    for code, response in operation["responses"].items():
        names = ["X-Request-ID"]
        names += ["Retry-After"] if code in {"429", "503"} else []
        names += ["WWW-Authenticate"] if code == "401" else []
        names += ["Location"] if operation["operationId"] in _CREATES and code < "300" else []
        names += ["Preference-Applied"] if operation["operationId"] in _WAITS and code < "300" else []
        names += file_headers(operation["operationId"], code)
        references = {name: {"$ref": f"#/components/headers/{name}"} for name in names}
        response["headers"] = {**references, **response.get("headers", {})}


def _describe_streams(operation: Json) -> None:
    """Leave out `itemSchema`: FastAPI writes it for server-sent events, but it came with OpenAPI 3.2."""
    for response in operation["responses"].values():
        for media_type in response.get("content", {}).values():
            media_type.pop("itemSchema", None)
