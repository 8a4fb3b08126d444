"""Which calls are repeated."""

from http import HTTPMethod

import httpx
import pytest

from darkroom.client.calls import Call
from darkroom.client.errors import ServerAway
from darkroom.client.transport.retries import Attempts

GET = Call(method=HTTPMethod.GET, url="/v1/tasks")
POST = Call(method=HTTPMethod.POST, url="/v1/images")
KEYED = Call(method=HTTPMethod.POST, url="/v1/tasks", headers={"Idempotency-Key": "1"})


def answer(status: int, **headers: str) -> httpx.Response:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, headers=sent, request=httpx.Request("GET", "http://service"))


@pytest.mark.parametrize(
    ("call", "response", "is_repeated"),
    [
        (GET, answer(200), False),
        (GET, answer(404), False),
        (GET, answer(500), False),
        (GET, answer(429), True),
        (GET, answer(503), True),
        (POST, answer(429), True),
        (POST, answer(503), False),
        (POST, answer(503, retry_after="1"), True),
        (KEYED, answer(502), True),
    ],
)
def test_answers(call: Call, response: httpx.Response, *, is_repeated: bool) -> None:
    assert (Attempts(call, seconds=60).pause_after(response) is not None) is is_repeated


def test_a_request_in_progress_is_asked_for_again() -> None:
    response = httpx.Response(409, json={"code": "request_in_progress"}, request=httpx.Request("GET", "http://service"))
    assert Attempts(KEYED, seconds=60).pause_after(response)


def test_it_waits_as_long_as_it_is_asked_to() -> None:
    pause = Attempts(GET, seconds=60).pause_after(answer(503, retry_after="7"))
    assert pause is not None
    assert 7 < pause < 8


def test_it_does_not_wait_longer_than_its_time() -> None:
    assert Attempts(GET, seconds=5).pause_after(answer(503, retry_after="7")) is None


@pytest.mark.parametrize(
    ("call", "error", "is_repeated"),
    [
        (GET, httpx.ReadError, True),
        (KEYED, httpx.ReadError, True),
        (POST, httpx.ReadError, False),
        (POST, httpx.ConnectError, True),
        (GET, httpx.UnsupportedProtocol, False),
    ],
)
def test_lost_connections(call: Call, error: type[httpx.TransportError], *, is_repeated: bool) -> None:
    lost = error("lost", request=httpx.Request("GET", "http://service:1"))
    attempts = Attempts(call, seconds=60)
    if is_repeated:
        assert attempts.pause_after_error(lost) > 0
        return
    with pytest.raises(ServerAway, match="No answer from http://service:1: lost"):
        attempts.pause_after_error(lost)
