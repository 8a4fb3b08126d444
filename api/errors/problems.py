"""Problem details, RFC 9457."""

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

from starlette.responses import JSONResponse

from core.errors import Problem
from core.telemetry import REJECTIONS

PROBLEM_MEDIA_TYPE = "application/problem+json"


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


def unexpected(request_id: str) -> JSONResponse:
    detail = "Internal server error. Quote the request_id when you report it."
    return problem(request_id, HTTPStatus.INTERNAL_SERVER_ERROR, code="internal_error", detail=detail)
