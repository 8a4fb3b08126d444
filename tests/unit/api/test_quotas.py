"""Quotas: rejected before the body is read, soon, with the time after which a retry is worthwhile."""

import asyncio
import io
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import Any

import httpx
import pytest
from PIL import Image

from core.sharing.callers import work_for
from tests.harness.scale import within
from tests.unit.api.answers import problem_of
from tests.unit.api.conftest import Running

pytestmark = pytest.mark.asyncio(loop_scope="session")

RunWith = Callable[..., AbstractAsyncContextManager[Running]]


def sample_image() -> bytes:
    out = io.BytesIO()
    Image.new("L", (64, 64)).save(out, "PNG")
    return out.getvalue()


async def submit(client: httpx.AsyncClient) -> httpx.Response:
    return await client.post("/v1/tasks", files=[("image", ("a.png", sample_image()))])


async def rejected_unread(app: Running, client: httpx.AsyncClient, path: str) -> dict[str, Any]:
    """Status and headers of the answer, which was complete before any byte of the body was asked for."""
    events: list[Any] = []

    async def receive() -> dict[str, Any]:
        events.append("receive")
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:  # noqa: ANN401 - ASGI
        events.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": path,
        "client": ("127.0.0.1", 1),
        "query_string": b"",
        "headers": [
            (b"content-length", b"100000"),
            (b"content-type", b"multipart/form-data; boundary=x"),
            (b"authorization", client.headers["Authorization"].encode()),
        ],
    }
    with within(0.1):
        await app.transport.app(scope, receive, send)
    assert events.index("receive") > 1, "the answer must be complete before the body is asked for"
    headers = {name.decode(): value.decode() for name, value in events[0]["headers"]}
    return {"status": events[0]["status"], **headers}


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"max_open_tasks_per_user": 3}, 429),
        ({"max_open_tasks": 3}, 503),
        ({"submissions_per_minute": 3}, 429),
    ],
)
async def test_past_a_cap_nothing_is_read(run_with: RunWith, changed: dict[str, int], status: int) -> None:
    """Holds promise 13: 429 or 503 with Retry-After, before the body is read; in 100 ms (`make faults`)."""
    async with run_with(**changed) as app, await app.new_client() as client:
        assert [(await submit(client)).status_code for _ in range(3)] == [202, 202, 202]
        await asyncio.sleep(1.1)  # for so long, room for all is taken for granted
        for _ in range(3):
            rejection = await rejected_unread(app, client, "/v1/tasks")
            assert rejection["status"] == status
            assert 1 <= int(rejection["retry-after"]) <= 60
            assert rejection["content-type"] == "application/problem+json"
        assert len((await client.get("/v1/tasks")).json()["items"]) == 3


async def test_a_cap_for_one_is_none_for_others_and_ends(run_with: RunWith) -> None:
    """Holds promise 13: a task that has ended makes room."""
    async with (
        run_with(max_open_tasks_per_user=1) as app,
        await app.new_client() as client,
        await app.new_client() as other,
    ):
        first = await submit(client)
        assert problem_of(await submit(client))[:2] == (429, "too_many_requests")
        assert (await submit(other)).status_code == 202
        await client.post(f"/v1/tasks/{first.json()['task_id']}/cancel")
        await asyncio.sleep(1.1)
        assert (await submit(client)).status_code == 202


async def test_images_count_as_submissions_too(run_with: RunWith) -> None:
    async with run_with(submissions_per_minute=1) as app, await app.new_client() as client:
        assert (await client.post("/v1/images", content=sample_image())).status_code == 201
        assert problem_of(await client.post("/v1/images", content=sample_image()))[:2] == (429, "too_many_requests")
        assert problem_of(await submit(client))[:2] == (429, "too_many_requests")


@pytest.mark.parametrize(("changed", "status"), [({"max_uploads_per_user": 2}, 429), ({"max_uploads": 2}, 503)])
async def test_uploads_at_a_time(run_with: RunWith, changed: dict[str, int], status: int) -> None:
    """Holds promise 13 and promise 14: so many uploads at a time, for each takes memory."""
    go_on, begun = asyncio.Event(), asyncio.Semaphore(0)

    async def slowly() -> AsyncIterator[bytes]:
        begun.release()
        yield sample_image()[:40]
        await go_on.wait()
        yield sample_image()[40:]

    async with run_with(**changed) as app, await app.new_client() as client:
        uploads = [asyncio.create_task(client.post("/v1/images", content=slowly())) for _ in range(2)]
        for _ in uploads:
            await begun.acquire()
        for path in ("/v1/images", "/v1/tasks"):
            rejection = await rejected_unread(app, client, path)
            assert (rejection["status"], int(rejection["retry-after"])) == (status, 5)
        go_on.set()
        assert [(await upload).status_code for upload in uploads] == [201, 201]
        assert (await client.post("/v1/images", content=sample_image())).status_code == 201


async def sign_in(app: Running) -> httpx.Response:
    async with app.client() as client:
        return await client.post("/v1/sessions", json={"email": "late@example.com", "password": "x"})


async def test_too_many_sign_ins_at_once_are_sent_away(app: Running) -> None:
    """Holds promise 13: requests that cannot be served within seconds are rejected at once."""
    passwords = app.resources.accounts.passwords

    async def wait_for_a_turn(caller: str) -> None:
        work_for(caller)
        await turns.enter_async_context(passwords.turn())

    async with AsyncExitStack() as turns:  # of two callers: one alone may not fill the queue
        waiting = [asyncio.create_task(wait_for_a_turn(f"caller {number % 2}")) for number in range(100)]
        await asyncio.sleep(0.1)
        assert not any(each.done() and each.exception() for each in waiting)
        answer = await sign_in(app)
        assert problem_of(answer)[:2] == (503, "overloaded")
        assert answer.headers["Retry-After"] == "5"
        for each in waiting:
            each.cancel()
    assert (await sign_in(app)).status_code == 401
