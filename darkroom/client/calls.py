"""A request as a value. Operations yield calls and get answers, so both clients share all of them."""

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from http import HTTPMethod
from typing import Any

import httpx

from darkroom.client.errors import NotDarkroom
from darkroom.client.files import Sink, Source

# `T` is what the operation returns; each call that it yields is answered with a response that is no error.
type Operation[T] = Generator["Call", httpx.Response, T]
_SAFE_TO_REPEAT = frozenset({HTTPMethod.GET, HTTPMethod.PUT, HTTPMethod.DELETE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """`url` is a path of the service, or complete: then it is a signed link, which gets no token."""

    method: HTTPMethod
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    params: Mapping[str, Any] = field(default_factory=dict)
    json: Any = None
    fields: Mapping[str, Any] | None = None  # of a form, with `image`
    image: Source | None = None
    sink: Sink | None = None  # gets the body
    seconds: float = 30.0  # without any byte

    @property
    def is_link(self) -> bool:
        return "://" in self.url

    @property
    def is_repeatable(self) -> bool:
        """Whether it does no harm where the first one arrived although no answer came."""
        return self.method in _SAFE_TO_REPEAT or "Idempotency-Key" in self.headers


def json_of(answer: httpx.Response) -> Any:  # noqa: ANN401 - JSON
    """Raise NotDarkroom for an answer that is no JSON, as from another server at the URL."""
    try:
        return answer.json()
    except ValueError as error:
        raise NotDarkroom(answer.url.copy_with(query=None)) from error
