"""The one table from error class to status code, and the one form every refusal takes: RFC 9457 problem details."""

from collections.abc import Iterable, Mapping
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
from core.telemetry import REFUSALS

STATUS: Mapping[type[errors.DarkroomError], HTTPStatus] = {
    errors.MalformedBody: HTTPStatus.BAD_REQUEST,
    errors.Unauthenticated: HTTPStatus.UNAUTHORIZED,
    errors.InvalidCredentials: HTTPStatus.UNAUTHORIZED,
    errors.RegistrationClosed: HTTPStatus.FORBIDDEN,
    errors.CrossSiteRequest: HTTPStatus.FORBIDDEN,
    errors.LinkInvalid: HTTPStatus.FORBIDDEN,
    errors.UnknownHost: HTTPStatus.MISDIRECTED_REQUEST,
    errors.NotFound: HTTPStatus.NOT_FOUND,
    errors.BodyTimeout: HTTPStatus.REQUEST_TIMEOUT,
    errors.EmailTaken: HTTPStatus.CONFLICT,
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
    errors.Overloaded: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.DependencyUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
}
PROBLEM_MEDIA_TYPE = "application/problem+json"
CLIENT_CLOSED_REQUEST = 499  # nginx's code; only the metrics see it

_CODES = {
    HTTPStatus.NOT_FOUND: errors.NotFound.code,
    HTTPStatus.METHOD_NOT_ALLOWED: "method_not_allowed",
    HTTPStatus.BAD_REQUEST: errors.MalformedBody.code,
}
_METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")
_CHALLENGE = {"WWW-Authenticate": "Bearer"}
_log = structlog.get_logger(__name__)


def install(app: FastAPI) -> None:
    app.add_exception_handler(errors.DarkroomError, _refuse)
    app.add_exception_handler(RequestValidationError, _refuse_parameters)
    app.add_exception_handler(HTTPException, _refuse_route)
    app.add_exception_handler(ClientDisconnect, _forget)


def problem(  # noqa: PLR0913 - the members of RFC 9457
    request_id: str,
    status: int,
    *,
    code: str,
    detail: str,
    problems: Iterable[Problem] = (),
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    REFUSALS.labels(code).inc()
    body: dict[str, Any] = {
        "type": f"urn:darkroom:problem:{code}",
        "title": title(code),
        "status": int(status),
        "code": code,
        "detail": detail,
        "request_id": request_id,
        "problems": [{"place": each.place, "message": each.message} for each in problems],
    }
    return JSONResponse(body, status_code=status, headers=headers, media_type=PROBLEM_MEDIA_TYPE)


def title(code: str) -> str:
    return code.replace("_", " ").capitalize()


def status_of(error: type[errors.DarkroomError]) -> HTTPStatus:
    """The status of the nearest class in the table; 500 for what no client should ever see."""
    found = (STATUS[each] for each in error.__mro__ if each in STATUS)
    return next(found, HTTPStatus.INTERNAL_SERVER_ERROR)


def refusals(*refused: type[errors.DarkroomError]) -> dict[int | str, dict[str, Any]]:
    """What a route may answer besides success, for its documentation."""
    answers: dict[int | str, dict[str, Any]] = {}
    for error in refused:
        answer = answers.setdefault(int(status_of(error)), {"description": ""})
        answer["description"] += f"`{error.code}` "
    return answers


def unexpected(request_id: str) -> JSONResponse:
    detail = "Something went wrong on our side. The request id finds it in the logs."
    return problem(request_id, HTTPStatus.INTERNAL_SERVER_ERROR, code="internal_error", detail=detail)


async def _refuse(request: Request, error: Exception) -> Response:
    if not isinstance(error, errors.DarkroomError) or status_of(type(error)) >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return await _give_up(request, error)
    status = status_of(type(error))
    headers = _CHALLENGE if status == HTTPStatus.UNAUTHORIZED else _retry_after(error)
    places = error.problems if isinstance(error, errors.InvalidRequest) else ()
    return problem(_id(request), status, code=error.code, detail=error.detail, problems=places, headers=headers)


async def _give_up(request: Request, error: Exception) -> Response:
    if not isinstance(error, errors.DependencyUnavailable | errors.Overloaded):
        raise error
    detail = error.detail
    if isinstance(error, errors.DependencyUnavailable):
        _log.warning("dependency_unavailable", dependency=error.dependency, detail=detail)
        detail = f"The {error.dependency.replace('_', ' ')} cannot be reached at the moment. Try again."
    headers = _retry_after(error)
    return problem(_id(request), status_of(type(error)), code=error.code, detail=detail, headers=headers)


def _retry_after(error: errors.DarkroomError) -> dict[str, str]:
    seconds = getattr(error, "retry_after_seconds", None)
    return {} if seconds is None else {"Retry-After": str(seconds)}


async def _refuse_parameters(request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    invalid = errors.InvalidRequest("The request has mistakes.", problems=problems_of(error.errors()))
    return await _refuse(request, invalid)


def problems_of(mistakes: Iterable[Any]) -> tuple[Problem, ...]:
    """From pydantic's list. The first element of FastAPI's `loc` says query, path or body, which the name tells."""
    return tuple(Problem(place_of(each["loc"]), _message(each)) for each in mistakes)


def _message(mistake: Any) -> str:  # noqa: ANN401 - as pydantic tells it
    """A secret's length is told in items, which nobody types."""
    return str(mistake["msg"]).replace("items after validation", "characters")


def place_of(location: Iterable[Any]) -> str:
    parts = [str(part) for part in location]
    return ".".join(parts[1:] if len(parts) > 1 else parts)


async def _refuse_route(request: Request, error: Exception) -> Response:
    """Starlette's own refusals: no such path, no such method on it."""
    if not isinstance(error, HTTPException):
        raise error
    code = _CODES.get(HTTPStatus(error.status_code), "refused")
    headers = {"Allow": _allowed(request)} if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED else error.headers
    return problem(_id(request), error.status_code, code=code, detail=str(error.detail), headers=headers)


def _allowed(request: Request) -> str:
    """By all routes of the path; Starlette names the methods of the first one. HEAD goes wherever GET does."""
    routes = request.app.router.routes
    scopes = {method: {**request.scope, "method": method.replace("HEAD", "GET")} for method in _METHODS}
    return ", ".join(
        method for method, scope in scopes.items() if any(route.matches(scope)[0] is Match.FULL for route in routes)
    )


async def _forget(_request: Request, _error: Exception) -> Response:
    """The client hung up: nobody reads the answer, and it is no fault of ours."""
    return Response(status_code=CLIENT_CLOSED_REQUEST)


def _id(request: Request) -> str:
    return str(request.state.request_id)
