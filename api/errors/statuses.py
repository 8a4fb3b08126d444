"""The status code of each class of errors."""

from collections.abc import Iterable, Iterator, Mapping
from http import HTTPStatus
from typing import Any

from core import errors

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


def status_of(error: type[errors.DarkroomError]) -> HTTPStatus:
    """Return the status of the nearest class in the table; 500 for internal errors."""
    found = (STATUS[each] for each in error.__mro__ if each in STATUS)
    return next(found, HTTPStatus.INTERNAL_SERVER_ERROR)


def error_responses(*classes: type[errors.DarkroomError]) -> dict[int | str, dict[str, Any]]:
    """Return the `responses` of a route in OpenAPI: its error codes by status."""
    answers: dict[int | str, dict[str, Any]] = {}
    for error in _with_every_render_error(classes):
        answer = answers.setdefault(int(status_of(error)), {"description": ""})
        answer["description"] += f"`{error.code}` "
    return answers


def _with_every_render_error(classes: Iterable[type[errors.DarkroomError]]) -> Iterator[type[errors.DarkroomError]]:
    """Yield the classes, and with PermanentError its kinds: a client decides by their codes."""
    for error in classes:
        yield error
        if error is errors.PermanentError:
            yield from (*error.__subclasses__(), errors.UnsupportedImageFeature, errors.RenderTimeout)
