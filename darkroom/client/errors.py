"""What can go wrong, as the service reports it.

DarkroomError
├── ServerAway           no answer, after retries
├── InvalidUrl           it is not the URL of a service
├── NotDarkroom          another server answers at the URL
├── Rejected             a problem (RFC 9457), with its `code`
│   ├── Invalid          400, 413, 415, 422: the request, `problems` says where
│   ├── NotSignedIn      401
│   ├── NotAllowed       403
│   ├── NotFound         404
│   └── Busy             429, 503, 507, after retries
├── TaskFailed           the task failed or was cancelled
├── TaskUnfinished       it has not ended within the time given
└── OutputDamaged        the checksum of a download differs
"""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import httpx

from darkroom.client.models import Task


@dataclass(frozen=True, slots=True)
class Problem:
    """An invalid value of a request, by its path, such as `pipeline.1.sigma`."""

    place: str
    message: str


class DarkroomError(Exception):
    pass


class ServerAway(DarkroomError):
    pass


class InvalidUrl(DarkroomError):
    pass


class NotDarkroom(DarkroomError):
    def __init__(self, url: object) -> None:
        super().__init__(f"What answers at {url} is no Darkroom service. Check the URL.")


class Rejected(DarkroomError):
    """`code` is stable; `detail` says in a sentence what is wrong. The text names each of the `problems`."""

    def __init__(
        self, detail: str, *, status: int, code: str, problems: tuple[Problem, ...] = (), request_id: str = ""
    ) -> None:
        super().__init__(_text(detail, problems))
        self.detail = detail
        self.status = status
        self.code = code
        self.problems = problems
        self.request_id = request_id


def _text(detail: str, problems: tuple[Problem, ...]) -> str:
    """Put the problems in place of a detail that only refers to them."""
    if not problems or "`problems`" not in detail:
        return detail
    lines = (each.message if each.message[:1].isupper() else f"{each.place} {each.message}" for each in problems)
    return "; ".join(line.rstrip(".") for line in lines) + "."


class Invalid(Rejected):
    pass


class NotSignedIn(Rejected):
    pass


class NotAllowed(Rejected):
    pass


class NotFound(Rejected):
    pass


class Busy(Rejected):
    pass


class TaskFailed(DarkroomError):
    def __init__(self, task: Task) -> None:
        reason = f"{task.error.detail} ({task.error.code})" if task.error else f"The task was {task.status}."
        super().__init__(reason)
        self.task = task


class TaskUnfinished(DarkroomError):
    def __init__(self, task: Task, seconds: float) -> None:
        super().__init__(f"Task {task.task_id} is still {task.status} after {seconds:g} s.")
        self.task = task


class OutputDamaged(DarkroomError):
    pass


_BY_STATUS: dict[int, type[Rejected]] = {
    HTTPStatus.BAD_REQUEST: Invalid,
    HTTPStatus.UNAUTHORIZED: NotSignedIn,
    HTTPStatus.FORBIDDEN: NotAllowed,
    HTTPStatus.NOT_FOUND: NotFound,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: Invalid,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: Invalid,
    HTTPStatus.UNPROCESSABLE_ENTITY: Invalid,
    HTTPStatus.TOO_MANY_REQUESTS: Busy,
    HTTPStatus.SERVICE_UNAVAILABLE: Busy,
    HTTPStatus.INSUFFICIENT_STORAGE: Busy,
}


def rejection_of(response: httpx.Response) -> Rejected:
    """Return the error of an answer that is read. What comes from a proxy or an S3 server has no `code` of Darkroom."""
    body = _problem_in(response)
    url = response.request.url.copy_with(query=None)
    detail = body.get("detail") or f"{url} answered {response.status_code}. Is it the URL of a Darkroom service?"
    return _BY_STATUS.get(response.status_code, Rejected)(
        detail,
        status=response.status_code,
        code=body.get("code", f"http_{response.status_code}"),
        problems=tuple(Problem(each["place"], each["message"]) for each in body.get("problems", ())),
        request_id=body.get("request_id", ""),
    )


def _problem_in(response: httpx.Response) -> dict[str, Any]:
    if "json" not in response.headers.get("content-type", ""):
        return {}
    try:
        body = response.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
