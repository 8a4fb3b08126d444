"""Reads request bodies in chunks: limits apply from Content-Length before the body, and while it is read."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from pydantic import BaseModel, SecretStr, ValidationError
from starlette.requests import ClientDisconnect, Request

from api.requests.strict_json import InvalidJson, parse_json
from core.errors import (
    BodyTimeout,
    InvalidRequest,
    MalformedBody,
    Problem,
    UnsupportedMediaType,
    UploadTooLarge,
)
from core.validation import problems_of

MAX_JSON_BYTES = 64 * 1024
BODY_ERRORS = (MalformedBody, BodyTimeout, UploadTooLarge, InvalidRequest)
JSON_BODY_ERRORS = (*BODY_ERRORS, UnsupportedMediaType)
_WINDOW_SECONDS = 30.0  # in each such window …
_WINDOW_BYTES = 16 * 1024  # … at least so much must arrive: less than a modem's rate
_LONGEST_LENGTH = 20  # digits


async def body_chunks(request: Request, *, max_bytes: int) -> AsyncIterator[bytes]:
    """Yield the body in chunks. Raises UploadTooLarge from Content-Length, before the first byte, if it can."""
    _check_size(max_bytes, _declared_bytes(request))
    received_bytes, more, pace = 0, True, _Pace()
    while more:
        message = await pace.receive(request)
        more = message.get("more_body", False)
        chunk: bytes = message.get("body", b"")
        received_bytes += len(chunk)
        _check_size(max_bytes, received_bytes)
        if chunk:
            yield chunk


def _check_size(max_bytes: int, body_bytes: int) -> None:
    if body_bytes > max_bytes:
        raise UploadTooLarge(f"The body is larger than the limit of {max_bytes} bytes.")


def _declared_bytes(request: Request) -> int:
    declared = request.headers.get("content-length", "")
    return int(declared[:_LONGEST_LENGTH]) if declared.isdecimal() else 0


class _Pace:
    """Drops clients that send nothing, or a byte now and then."""

    def __init__(self) -> None:
        self._begin_window()

    def _begin_window(self) -> None:
        self._ends_at = asyncio.get_running_loop().time() + _WINDOW_SECONDS
        self._bytes = 0

    async def receive(self, request: Request) -> dict[str, Any]:
        try:
            async with asyncio.timeout_at(self._ends_at):
                message = await request.receive()
        except TimeoutError as error:
            raise BodyTimeout(
                f"The body arrives too slowly: less than {_WINDOW_BYTES} bytes in {_WINDOW_SECONDS:.0f} seconds."
            ) from error
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        self._bytes += len(message.get("body", b""))
        if self._bytes >= _WINDOW_BYTES:
            self._begin_window()
        return dict(message)


async def read_json[Model: BaseModel](
    request: Request, model: type[Model], *, accepted: str = "application/json"
) -> Model:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise UnsupportedMediaType(f"Unsupported Content-Type. Send the body as {accepted}.")
    body = b"".join([chunk async for chunk in body_chunks(request, max_bytes=MAX_JSON_BYTES)])
    value = None
    try:
        value = parse_json(body)
        return model.model_validate_json(body)
    except InvalidJson as error:
        problem = Problem(".".join(error.path) or "body", error.message)
        raise MalformedBody("The body cannot be read as JSON; see `problems`.", problems=(problem,)) from error
    except ValidationError as error:
        is_secret = any(field.annotation is SecretStr for field in model.model_fields.values())
        problems = problems_of(error, value, fields=model.model_fields, show_values=not is_secret)
        raise InvalidRequest("The request is invalid; see `problems`.", problems=tuple(problems)) from error
