"""When a call is sent again: what failed for a moment, as the service asks for by Retry-After, for a limited time."""

import random
import re
import time
from http import HTTPStatus

import httpx

from darkroom.client.calls import Call
from darkroom.client.errors import ServerAway, rejection_of

_FIRST_SECONDS = 0.25
_LONGEST_SECONDS = 5.0
_UNDER_WAY = "request_in_progress"
_AWAY = frozenset(
    {
        HTTPStatus.BAD_GATEWAY,
        HTTPStatus.SERVICE_UNAVAILABLE,
        HTTPStatus.GATEWAY_TIMEOUT,
        HTTPStatus.INSUFFICIENT_STORAGE,
    }
)


class Attempts:
    """The attempts of one call."""

    def __init__(self, call: Call, *, seconds: float) -> None:
        self._call = call
        self._deadline = time.monotonic() + seconds
        self._pause = _FIRST_SECONDS

    def pause_after_error(self, error: httpx.TransportError) -> float:
        """Return how long to wait. Raises ServerAway when it is not sent again."""
        never_sent = isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout)
        is_invalid = isinstance(error, httpx.UnsupportedProtocol | httpx.LocalProtocolError)
        pause = self._next_pause(0) if never_sent or (self._call.is_repeatable and not is_invalid) else None
        if pause is None:
            raise ServerAway(f"No answer from {_server_of(error)}: {_reason(error)}") from error
        return pause

    def pause_after(self, response: httpx.Response) -> float | None:
        """Return how long to wait; None if the answer is final."""
        asked = _retry_after(response)
        status = response.status_code
        retries = (
            status == HTTPStatus.TOO_MANY_REQUESTS
            or (status in _AWAY and (asked is not None or self._call.is_repeatable))
            or (status == HTTPStatus.CONFLICT and rejection_of(response).code == _UNDER_WAY)
        )
        return self._next_pause(asked or 0) if retries else None

    def _next_pause(self, least: float) -> float | None:
        """Full jitter above what the service asked for; None if that is too late."""
        pause = least + random.uniform(0.5, 1) * self._pause  # noqa: S311 - not for secrets
        self._pause = min(_LONGEST_SECONDS, 2 * self._pause)
        return pause if time.monotonic() + pause < self._deadline else None


def _retry_after(response: httpx.Response) -> int | None:
    value = response.headers.get("retry-after", "")
    return int(value) if value.isdecimal() else None


def _server_of(error: httpx.TransportError) -> str:
    url = error.request.url
    return f"{url.scheme}://{url.netloc.decode()}"


def _reason(error: httpx.TransportError) -> str:
    """Return the text of the system, without its number."""
    if "WRONG_VERSION_NUMBER" in str(error):
        return "it does not speak TLS, so the URL may begin with http:// instead"
    return re.sub(r"^\[Errno -?\d+\] ", "", str(error)) or type(error).__name__
