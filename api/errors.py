"""Maps error classes to status codes, and errors to RFC 9457 problem details."""

from collections.abc import Iterable, Iterator, Mapping
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Match

from core import errors
from core.errors import Problem
from core.telemetry import REJECTIONS
from core.validation import message_of

STATUS: Mapping[type[errors.DarkroomError], HTTPStatus] = {
    errors.MalformedBody: HTTPStatus.BAD_REQUEST,
    errors.Unauthenticated: HTTPStatus.UNAUTHORIZED,
    errors.InvalidCredentials: HTTPStatus.UNAUTHORIZED,
    errors.AccountDisabled: HTTPStatus.FORBIDDEN,
    errors.RegistrationClosed: HTTPStatus.FORBIDDEN,
    errors.SessionRequired: HTTPStatus.FORBIDDEN,
    errors.InsufficientScope: HTTPStatus.FORBIDDEN,
    errors.CrossSiteRequest: HTTPStatus.FORBIDDEN,
    errors.LinkInvalid: HTTPStatus.FORBIDDEN,
    errors.RangeNotSatisfiable: HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE,
    errors.UnknownHost: HTTPStatus.MISDIRECTED_REQUEST,
    errors.NotFound: HTTPStatus.NOT_FOUND,
    errors.BodyTimeout: HTTPStatus.REQUEST_TIMEOUT,
    errors.EmailTaken: HTTPStatus.CONFLICT,
    errors.DeliveryKeyMissing: HTTPStatus.CONFLICT,
    errors.QuotaExceeded: HTTPStatus.CONFLICT,
    errors.ImageInUse: HTTPStatus.CONFLICT,
    errors.TaskNotSucceeded: HTTPStatus.CONFLICT,
    errors.RequestInProgress: HTTPStatus.CONFLICT,
    errors.UploadTooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    errors.UnsupportedMediaType: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    errors.UnsupportedImage: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    errors.InvalidRequest: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.IdempotencyKeyReused: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.TooManyRequests: HTTPStatus.TOO_MANY_REQUESTS,
    errors.RejectedByConnection: HTTPStatus.BAD_REQUEST,
    errors.HeaderTimeout: HTTPStatus.REQUEST_TIMEOUT,
    errors.TargetTooLong: HTTPStatus.REQUEST_URI_TOO_LONG,
    errors.HeadersTooLarge: HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    errors.UnsupportedTransferCoding: HTTPStatus.NOT_IMPLEMENTED,
    errors.UnsupportedHttpVersion: HTTPStatus.HTTP_VERSION_NOT_SUPPORTED,
    # Of images that are rendered while the client waits: in tasks these errors are a field.
    errors.PermanentError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.SourceMissing: HTTPStatus.NOT_FOUND,
    errors.ResourceLimit: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.RenderTimeout: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.Overloaded: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.DependencyUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.StorageFull: HTTPStatus.INSUFFICIENT_STORAGE,
}
PROBLEM_MEDIA_TYPE = "application/problem+json"
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


def problem(  # noqa: PLR0913 - the members of RFC 9457
    request_id: str,
    status: int,
    *,
    code: str,
    detail: str,
    problems: Iterable[Problem] = (),
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    REJECTIONS.labels(code).inc()
    body: dict[str, Any] = {
        "type": f"urn:darkroom:problem:{code}",
        "title": title(code),
        "status": int(status),
        "code": code,
        "detail": detail,
        "request_id": request_id,
        "problems": [_describe(each) for each in problems],
    }
    uncached = {"Cache-Control": "no-store", **(headers or {})}
    return JSONResponse(body, status_code=status, headers=uncached, media_type=PROBLEM_MEDIA_TYPE)


def _describe(found: Problem) -> dict[str, Any]:
    coded = {"code": found.code, "values": dict(found.values)} if found.code else {}
    return {"place": found.place, "message": found.message, **coded}


def title(code: str) -> str:
    return code.replace("_", " ").capitalize()


def status_of(error: type[errors.DarkroomError]) -> HTTPStatus:
    """Return the status of the nearest class in the table; 500 for internal errors."""
    found = (STATUS[each] for each in error.__mro__ if each in STATUS)
    return next(found, HTTPStatus.INTERNAL_SERVER_ERROR)


def error_responses(*classes: type[errors.DarkroomError]) -> dict[int | str, dict[str, Any]]:
    """Return the `responses` of a route in OpenAPI: its error codes by status."""
    answers: dict[int | str, dict[str, Any]] = {}
    for error in classes:
        answer = answers.setdefault(int(status_of(error)), {"description": ""})
        answer["description"] += f"`{error.code}` "
    return answers


def unexpected(request_id: str) -> JSONResponse:
    detail = "Internal server error. Quote the request_id when you report it."
    return problem(request_id, HTTPStatus.INTERNAL_SERVER_ERROR, code="internal_error", detail=detail)


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
    headers = _retry_after(error)
    return problem(_id(request), status_of(type(error)), code=error.code, detail=detail, headers=headers)


def headers_of(error: errors.DarkroomError) -> dict[str, str]:
    if isinstance(error, errors.RangeNotSatisfiable):
        return {"Content-Range": f"bytes */{error.size}"}
    if isinstance(error, errors.InsufficientScope):
        return {"WWW-Authenticate": 'Bearer error="insufficient_scope"'}  # RFC 6750, 3.1
    return _retry_after(error)


def _retry_after(error: errors.DarkroomError) -> dict[str, str]:
    seconds = getattr(error, "retry_after_seconds", None)
    return {} if seconds is None else {"Retry-After": str(seconds)}


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
