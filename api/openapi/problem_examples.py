"""An example of each rejection, with the text that the service sends: a test compares them with its answers."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from api.errors.problems import PROBLEM_MEDIA_TYPE, title
from imaging import list_formats

type Json = dict[str, Any]

_CODE = re.compile(r"`(\w+)`")
DETAILS: Mapping[str, str] = {
    "malformed_body": "The body cannot be read as JSON; see `problems`.",
    "invalid_credentials": "Invalid email or password.",
    "unauthenticated": "Sign in with POST /v1/sessions and send the token as `Authorization: Bearer <token>`.",
    "account_disabled": "This account is disabled. Ask the operator of this service.",
    "cross_site_request": "Session cookies are valid only for requests from pages of the same origin.",
    "insufficient_scope": "This request needs an API key with the scope 'write'; this one has: read.",
    "link_expired": "The URL has expired. Request a new one where you got it.",
    "link_invalid": "The URL is incomplete or was changed, or its key is not valid any more.",
    "registration_closed": "Registration is closed. Ask the operator for an account.",
    "session_required": "An API key is not valid here. Sign in with POST /v1/sessions and send its token.",
    "not_found": "Task not found.",
    "source_missing": "The source was deleted.",
    "body_timeout": "The body arrives too slowly: less than 4096 bytes in 30 seconds.",
    "delivery_key_missing": "There is no key to sign with. Create one with POST /v1/delivery-keys.",
    "email_taken": "An account with this email address exists already. Sign in instead.",
    "image_in_use": "An unfinished task needs this image. Cancel the task, or wait until it has ended.",
    "quota_exceeded": "At most 100 API keys are allowed. Delete one that is no longer used.",
    "request_in_progress": "Another request with this Idempotency-Key is in progress. Retry in a second.",
    "task_not_succeeded": "The task has not finished. Wait for it with `Prefer: wait=30` on the task, then ask again.",
    "upload_too_large": "The image is larger than the limit of 67108864 bytes.",
    "unsupported_image": f"This is a PDF document, which is not supported. Supported: {list_formats()}, .cube.",
    "unsupported_media_type": "Unsupported Content-Type. Send the body as application/json.",
    "range_not_satisfiable": "The range lies outside the object, which has 48213 bytes.",
    "idempotency_key_reused": "This Idempotency-Key was used for a different request. Use a new key.",
    "image_too_large": "An image of 9000 x 9000 pixels is too large: at most 16,384 pixels a side and 50,000,000 in "
    "total are allowed.",
    "invalid_image": "The PNG is damaged: the checksum of its pixels is wrong.",
    "invalid_output": "output.quality: must be at most 100; got 999",
    "invalid_pipeline": "pipeline.0.sigma: must be at most 250; got 999",
    "invalid_request": "The request is invalid; see `problems`.",
    "invalid_step": "pipeline.0 (text): the text contains the emoji 😀 (U+1F600, GRINNING FACE); emoji cannot be "
    "drawn, so omit it",
    "render_failed": "The image cannot be encoded as avif.",
    "resource_limit": "The image needs more CPU time than a render may use.",
    "source_rejected": "The source does not answer with an image.",
    "timeout": "The render took longer than 35 s.",
    "unsupported_image_feature": "This is a raw photograph, which is not supported. Develop it to JPEG or TIFF first.",
    "too_many_concurrent_requests": "Too many requests of this user are in progress. Wait until some are answered.",
    "too_many_requests": "Rate limit exceeded: at most 600 a minute. Retry in 12 seconds.",
    "database_overloaded": "Too many requests wait for the database. Retry in 1 seconds.",
    "dependency_unavailable": "The object store is unavailable. Try again.",
    "overloaded": "The queue is full: too many unfinished tasks. Try again later.",
    "storage_full": "The object store has no space left. Its operator has to make room.",
}
_PROBLEMS: Mapping[str, Json] = {
    "malformed_body": {"place": "body", "message": "Invalid JSON: the text ends too early at line 1 column 1."},
    "invalid_output": {
        "place": "output.quality",
        "message": "must be at most 100; got 999",
        "code": "less_than_equal",
        "values": {"le": 100},
    },
    "invalid_pipeline": {
        "place": "pipeline.0.sigma",
        "message": "must be at most 250; got 999",
        "code": "less_than_equal",
        "values": {"le": 250},
    },
    "invalid_request": {
        "place": "limitt",
        "message": "unknown query parameter 'limitt'. Did you mean 'limit'?",
    },
}


def add_problem_examples(document: Json, operations: Iterator[Json]) -> None:
    """Give each rejection of an operation an example for each code that its description lists."""
    examples = document["components"].setdefault("examples", {})
    for operation in operations:
        for status, response in operation["responses"].items():
            for media_type in _rejections(response):
                codes = dict.fromkeys(_CODE.findall(response["description"]))
                examples |= {f"{status}_{code}": _example(code, status=int(status)) for code in codes}
                media_type["examples"] = {code: {"$ref": f"#/components/examples/{status}_{code}"} for code in codes}


def _rejections(response: Json) -> Iterator[Json]:
    content = response.get("content", {})
    if PROBLEM_MEDIA_TYPE in content:
        yield content[PROBLEM_MEDIA_TYPE]


def _example(code: str, *, status: int) -> Json:
    value = {
        "type": f"urn:darkroom:problem:{code}",
        "title": title(code),
        "status": status,
        "code": code,
        "detail": DETAILS[code],
        "request_id": "67064d650447430e8bd7ec20220025e0",
        "problems": [_PROBLEMS[code]] if code in _PROBLEMS else [],
    }
    return {"summary": title(code), "value": value}
