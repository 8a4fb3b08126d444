"""Reads request bodies piece by piece, so that a refusal comes before the body and a limit while it is read."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from pydantic import BaseModel, ValidationError
from starlette.requests import ClientDisconnect, Request

from api.errors import problems_of
from core.errors import (
    MAX_PROBLEMS,
    BodyTimeout,
    InvalidRequest,
    MalformedBody,
    Problem,
    UnsupportedMediaType,
    UploadTooLarge,
)
from core.strict_json import InvalidJson, parse_json

MAX_JSON_BYTES = 64 * 1024
BODY_REFUSALS = (MalformedBody, BodyTimeout, UploadTooLarge, InvalidRequest)
JSON_BODY_REFUSALS = (*BODY_REFUSALS, UnsupportedMediaType)
_WINDOW_SECONDS = 30.0  # in each such time …
_WINDOW_BYTES = 16 * 1024  # … so much must come, which a modem manages
_LONGEST_LENGTH = 20  # digits


async def body_chunks(request: Request, *, max_bytes: int) -> AsyncIterator[bytes]:
    """The body as it comes. Raises UploadTooLarge as soon as it is known, at best before the first byte."""
    _refuse_over(max_bytes, _declared_bytes(request))
    received_bytes, more, pace = 0, True, _Pace()
    while more:
        message = await pace.receive(request)
        more = message.get("more_body", False)
        chunk: bytes = message.get("body", b"")
        received_bytes += len(chunk)
        _refuse_over(max_bytes, received_bytes)
        if chunk:
            yield chunk


def _refuse_over(max_bytes: int, body_bytes: int) -> None:
    if body_bytes > max_bytes:
        raise UploadTooLarge(f"The body is larger than {max_bytes} bytes.")


def _declared_bytes(request: Request) -> int:
    declared = request.headers.get("content-length", "")
    return int(declared[:_LONGEST_LENGTH]) if declared.isdecimal() else 0


class _Pace:
    """Whoever sends nothing, or a byte now and then, is not waited for."""

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
            raise BodyTimeout(f"Hardly anything of the body came for {_WINDOW_SECONDS:.0f} seconds.") from error
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
        raise UnsupportedMediaType(f"Send the body as {accepted}.")
    body = b"".join([chunk async for chunk in body_chunks(request, max_bytes=MAX_JSON_BYTES)])
    try:
        parse_json(body)
        return model.model_validate_json(body)
    except InvalidJson as error:
        problem = Problem(".".join(error.path) or "body", error.message)
        raise MalformedBody("The body is not valid JSON; see `problems`.", problems=(problem,)) from error
    except ValidationError as error:
        raise _refusal(error) from error


def _refusal(error: ValidationError) -> InvalidRequest:
    mistakes = error.errors(include_url=False, include_context=False, include_input=False)[:MAX_PROBLEMS]
    located = [{**each, "loc": ("body", *each["loc"])} for each in mistakes]
    return InvalidRequest("The request has mistakes.", problems=problems_of(located))
