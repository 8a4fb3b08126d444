"""What both clients do with a call before it is sent, and with its answer."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

import darkroom
from darkroom.client.calls import Call
from darkroom.client.errors import InvalidUrl, rejection_of
from darkroom.credentials import Login

_CONNECT_SECONDS = 10.0
_USER_AGENT = f"darkroom/{darkroom.__version__}"


def check_url(url: str) -> None:
    """Raise InvalidUrl for what is no address of a service."""
    try:
        parts = httpx.URL(url)
    except (httpx.InvalidURL, ValueError):
        parts = httpx.URL()
    if parts.scheme not in {"http", "https"} or not parts.host:
        raise InvalidUrl(
            f"{url!r} is not the URL of a service. Write it with its scheme, such as http://127.0.0.1:8000."
        )


@contextmanager
def arguments_of(call: Call, login: Login) -> Iterator[dict[str, Any]]:
    """Yield the arguments for httpx, with the image open from its start. A link gets no token."""
    headers = {"User-Agent": _USER_AGENT, **call.headers}
    if login.token and not call.is_link:
        headers["Authorization"] = f"Bearer {login.token}"
    arguments: dict[str, Any] = {
        "method": call.method,
        "url": call.url if call.is_link else f"{login.url}{call.url}",
        "headers": headers,
        "params": call.params or None,
        "timeout": httpx.Timeout(call.seconds, connect=_CONNECT_SECONDS),
    }
    if call.json is not None:
        arguments["json"] = call.json
    if call.image is None:
        yield arguments
        return
    with call.image.opened() as file:
        yield arguments | {"data": call.fields, "files": {"image": (call.image.name, file)}}


def checked(response: httpx.Response) -> httpx.Response:
    """Return an answer that is no error. Raises Rejected otherwise."""
    if response.is_success:
        return response
    raise rejection_of(response)
