"""What can go wrong, as the service reports it.

DarkroomError
├── ServerAway           no answer, after retries
├── Rejected             a problem (RFC 9457), with its `code`
│   ├── Invalid          400, 413, 415, 422: the request, `problems` says where
│   ├── NotSignedIn      401
│   ├── NotAllowed       403
│   ├── NotFound         404
│   └── Busy             429, 503, after retries
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


class Rejected(DarkroomError):
    """`code` is stable; `detail` says in a sentence what is wrong."""

    def __init__(
        self, detail: str, *, status: int, code: str, problems: tuple[Problem, ...] = (), request_id: str = ""
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.status = status
        self.code = code
        self.problems = problems
        self.request_id = request_id


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
}


def rejection_of(response: httpx.Response) -> Rejected:
    """Return the error of an answer that is read. What comes from a proxy or an S3 server has no `code` of Darkroom."""
    body = _problem_in(response)
    detail = body.get("detail") or f"{response.request.url.host} answered {response.status_code}."
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
    body = response.json()
    return body if isinstance(body, dict) else {}
