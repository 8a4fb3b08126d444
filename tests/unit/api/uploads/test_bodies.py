"""Bodies that are malformed, endless or cut off: rejected in time, and nothing left behind."""

import asyncio
from collections.abc import AsyncIterator, MutableMapping
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tests.unit.api.answers import problem_of
from tests.unit.api.conftest import MAX_UPLOAD_BYTES, Running
from tests.unit.api.image_forms import IMAGE, objects_of

pytestmark = pytest.mark.asyncio(loop_scope="session")
BOUNDARY = {"Content-Type": "multipart/form-data; boundary=frontier"}


async def test_rejected_at_once_by_content_length(client: httpx.AsyncClient) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 1
            yield bytes(1024)

    headers = {"Content-Length": str(MAX_UPLOAD_BYTES * 2)}
    rejection = await asyncio.wait_for(_first_answer(client, endless(), headers), 10)
    assert problem_of(rejection)[:2] == (413, "upload_too_large")
    assert rejection.headers["Connection"] == "close"


async def test_an_endless_body_is_cut_off(app: Running, client: httpx.AsyncClient) -> None:
    """Holds promise 14."""

    async def endless() -> AsyncIterator[bytes]:
        yield IMAGE
        while True:
            yield bytes(64 * 1024)

    objects = await objects_of(app)
    answer = await asyncio.wait_for(_first_answer(client, endless(), {}), 10)
    assert problem_of(answer)[:2] == (413, "upload_too_large")
    assert await objects_of(app) == objects


async def _first_answer(
    client: httpx.AsyncClient, body: AsyncIterator[bytes], headers: dict[str, str]
) -> httpx.Response:
    return await client.post("/v1/images", content=body, headers=headers)


async def test_nobody_is_rejected_before_the_body_is_read(app: Running) -> None:
    """The 401 is complete before the first byte of the body is asked for."""
    events: list[str] = []

    async def receive() -> dict[str, Any]:
        events.append("receive")
        return {"type": "http.disconnect"}

    async def send(message: MutableMapping[str, Any]) -> None:
        events.append(f"{message['type']} {message.get('status', '')}".strip())

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/v1/tasks",
        "query_string": b"",
        "headers": [(b"content-length", b"1000000"), (b"content-type", b"multipart/form-data; boundary=x")],
    }
    await app.transport.app(scope, receive, send)
    assert events[:3] == ["http.response.start 401", "http.response.body", "receive"]


async def test_a_client_that_hangs_up_leaves_nothing(app: Running, client: httpx.AsyncClient) -> None:
    objects = await objects_of(app)
    messages: list[dict[str, Any]] = [{"type": "http.request", "body": IMAGE, "more_body": True}]
    answers: list[Any] = []

    async def receive() -> dict[str, Any]:
        return messages.pop(0) if messages else {"type": "http.disconnect"}

    async def send(message: MutableMapping[str, Any]) -> None:
        answers.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/v1/images",
        "query_string": b"",
        "headers": [
            (b"transfer-encoding", b"chunked"),
            (b"authorization", client.headers["Authorization"].encode()),
        ],
    }
    await app.transport.app(scope, receive, send)
    assert answers[0]["status"] == 499
    assert await objects_of(app) == objects


MALFORMED = [
    (b"", BOUNDARY),
    (b"no boundary at all", BOUNDARY),
    (b"--frontier\r\n", BOUNDARY),
    (b"--frontier\r\nContent-Disposition: form-data\r\n\r\n\r\n--frontier--", BOUNDARY),
    (b'--frontier\r\nContent-Disposition: form-data; name="image"\r\n\r\n' + IMAGE, BOUNDARY),
    (b"", {"Content-Type": "multipart/form-data"}),
    (b"", {"Content-Type": f"multipart/form-data; boundary={'b' * 5000}"}),
]


@pytest.mark.parametrize(("content", "headers"), MALFORMED)
async def test_malformed_multipart(
    app: Running, client: httpx.AsyncClient, content: bytes, headers: dict[str, str]
) -> None:
    objects = await objects_of(app)
    for path in ("/v1/tasks", "/v1/images"):
        answer = await client.post(path, content=content, headers=headers)
        assert problem_of(answer)[:2] == (400, "malformed_body")
    assert await objects_of(app) == objects


async def test_what_lies_around_the_parts_is_bounded(app: Running, client: httpx.AsyncClient) -> None:
    before = await objects_of(app)
    part = b'--frontier\r\nContent-Disposition: form-data; name="image"; filename="a"\r\n\r\n' + IMAGE
    body = part + b"\r\n--frontier--\r\n" + b"\r\n" * 100_000
    answer = await client.post("/v1/images", content=body, headers=BOUNDARY)
    assert problem_of(answer) == (400, "malformed_body", [])
    assert await objects_of(app) == before


@hypothesis_settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    content=st.binary(max_size=300),
    prefix=st.sampled_from(
        [b"", b"--frontier\r\n", b'--frontier\r\nContent-Disposition: form-data; name="image"\r\n\r\n']
    ),
    content_type=st.sampled_from(["multipart/form-data; boundary=frontier", "application/json", "", "image/png"]),
    path=st.sampled_from(["/v1/tasks", "/v1/images", "/v1/users", "/v1/sessions"]),
)
async def test_no_5xx_for_any_bytes(
    client: httpx.AsyncClient, content: bytes, prefix: bytes, content_type: str, path: str
) -> None:
    """Holds promise 16."""
    answer = await client.post(path, content=prefix + content, headers={"Content-Type": content_type})
    assert 400 <= answer.status_code < 500
    problem_of(answer)
