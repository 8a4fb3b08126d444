"""Answers what is raised in a route with problem details."""

from collections.abc import Iterable, Iterator
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Match

from api.errors.headers import headers_of, retry_after
from api.errors.problems import problem
from api.errors.statuses import status_of
from core import errors
from core.errors import Problem
from core.validation import message_of

CLIENT_CLOSED_REQUEST = 499  # nginx's code; it appears in metrics only
_CODES = {
    HTTPStatus.NOT_FOUND: errors.NotFound.code,
    HTTPStatus.METHOD_NOT_ALLOWED: "method_not_allowed",
    HTTPStatus.BAD_REQUEST: errors.MalformedBody.code,
}
_METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")
_CHALLENGE = {"WWW-Authenticate": "Bearer"}
_log = structlog.get_logger(__name__)


def install(app: FastAPI) -> None:
    app.add_exception_handler(errors.DarkroomError, _respond)
    app.add_exception_handler(RequestValidationError, _respond_to_validation)
    app.add_exception_handler(HTTPException, _respond_to_routing)
    app.add_exception_handler(ClientDisconnect, _respond_to_disconnect)


async def _respond(request: Request, error: Exception) -> Response:
    if not isinstance(error, errors.DarkroomError) or status_of(type(error)) >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return await _respond_to_unavailable(request, error)
    status = status_of(type(error))
    headers = _CHALLENGE if status == HTTPStatus.UNAUTHORIZED else headers_of(error)
    places = error.problems if isinstance(error, errors.InvalidRequest) else ()
    return problem(_id(request), status, code=error.code, detail=error.detail, problems=places, headers=headers)


async def _respond_to_unavailable(request: Request, error: Exception) -> Response:
    if not isinstance(error, errors.DependencyUnavailable | errors.Overloaded):
        raise error
    detail = error.detail
    if isinstance(error, errors.DatabaseOverloaded):
        detail = f"Too many requests wait for the database. Retry in {error.retry_after_seconds} seconds."
    elif isinstance(error, errors.StorageFull):
        _log.error("storage_full", dependency=error.dependency, detail=detail)
        detail = f"The {error.dependency.replace('_', ' ')} has no space left. Its operator has to make room."
    elif isinstance(error, errors.DependencyUnavailable):
        _log.warning("dependency_unavailable", dependency=error.dependency, detail=detail)
        detail = f"The {error.dependency.replace('_', ' ')} is unavailable. Try again."
    headers = retry_after(error)
    return problem(_id(request), status_of(type(error)), code=error.code, detail=detail, headers=headers)


async def _respond_to_validation(request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    if kind := next(_kinds_of_malformed_ids(error.errors()), None):
        return await _respond(request, errors.NotFound(f"{kind.capitalize()} not found."))
    invalid = errors.InvalidRequest("The request is invalid; see `problems`.", problems=_problems_of(error.errors()))
    return await _respond(request, invalid)


def _kinds_of_malformed_ids(details: Iterable[Any]) -> Iterator[str]:
    """Yield `task` for a path whose task_id is malformed. The name of a preset, which the client chooses, is no id."""
    for place, name in (each["loc"][:2] for each in details):
        if place == "path" and name.endswith("_id"):
            yield name.removesuffix("_id").replace("_", " ")


def _problems_of(details: Iterable[Any]) -> tuple[Problem, ...]:
    """Convert pydantic's error list. The first element of FastAPI's `loc` (query, path or body) is dropped."""
    return tuple(Problem(path_of(each["loc"]), message_of(each)) for each in details)


def path_of(location: Iterable[Any]) -> str:
    parts = [str(part) for part in location]
    return ".".join(parts[1:] if len(parts) > 1 else parts)


async def _respond_to_routing(request: Request, error: Exception) -> Response:
    """Respond to routing errors of Starlette: unknown path, or method not allowed."""
    if not isinstance(error, HTTPException):
        raise error
    code = _CODES.get(HTTPStatus(error.status_code), errors.InvalidRequest.code)
    detail, headers = str(error.detail), error.headers
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers = {"Allow": _allowed(request)}
        detail = f"The method is not allowed for this path. Allowed: {headers['Allow']}."
    elif error.status_code == HTTPStatus.NOT_FOUND:
        detail = "Unknown path. All paths are listed at /docs; none ends with a slash."
    return problem(_id(request), error.status_code, code=code, detail=detail, headers=headers)


def _allowed(request: Request) -> str:
    """Collect the methods of all routes of the path; Starlette knows the first route only. HEAD is allowed with GET."""
    routes = request.app.router.routes
    scopes = {method: {**request.scope, "method": method.replace("HEAD", "GET")} for method in _METHODS}
    return ", ".join(
        method for method, scope in scopes.items() if any(route.matches(scope)[0] is Match.FULL for route in routes)
    )


async def _respond_to_disconnect(_request: Request, _error: Exception) -> Response:
    """Respond to a client that has disconnected: not an error of the service."""
    return Response(status_code=CLIENT_CLOSED_REQUEST)


def _id(request: Request) -> str:
    return str(request.state.request_id)
