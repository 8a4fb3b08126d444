"""API keys: what they allow and what not, and that a revoked one is rejected in every process."""

import asyncio
import io
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import structlog
from PIL import Image

from api.app import create_app
from core.settings import Settings
from tests.unit.api.answers import problem_of
from tests.unit.api.conftest import Running

pytestmark = pytest.mark.asyncio(loop_scope="session")
RunWith = Callable[..., AbstractAsyncContextManager[Running]]
ALL = ["read", "write", "deliver"]
MISSING = "019a0000-0000-7000-8000-000000000000"
IDS = ("task_id", "image_id", "session_id", "key_id", "delivery_key_id", "name")
ENDLESS = "/v1/events"  # its keys: test_all_events.py
OF_ACCOUNTS = ("/v1/users", "/v1/sessions", "/v1/api-keys", "/v1/delivery-keys")


def sample_image() -> bytes:
    out = io.BytesIO()
    Image.new("L", (8, 8)).save(out, "PNG")
    return out.getvalue()


async def new_key(client: httpx.AsyncClient, *scopes: str, **body: object) -> dict[str, Any]:
    answer = await client.post("/v1/api-keys", json={"name": "CI", "scopes": scopes or ALL, **body})
    assert answer.status_code == 201, answer.text
    key: dict[str, Any] = answer.json()
    return key


async def test_a_key_is_shown_once(client: httpx.AsyncClient) -> None:
    new = await new_key(client, "write", "read")
    assert new["key"].startswith(new["prefix"])
    assert new["prefix"].startswith("dk_")
    assert (new["scopes"], new["expires_at"], new["last_used_at"]) == (["read", "write"], None, None)
    listed = await client.get("/v1/api-keys")
    assert listed.json()["items"] == [{name: value for name, value in new.items() if name != "key"}]
    assert new["key"] not in listed.text


async def test_a_key_uses_the_api(app: Running, client: httpx.AsyncClient) -> None:
    new = await new_key(client)
    async with app.client(new["key"]) as program:
        task = await program.post("/v1/tasks", files={"image": sample_image()})
        assert task.status_code == 202
        assert (await program.get(f"/v1/tasks/{task.json()['task_id']}")).status_code == 200
    assert (await client.get(f"/v1/tasks/{task.json()['task_id']}")).status_code == 200, "it is the user's"
    (listed,) = (await client.get("/v1/api-keys")).json()["items"]
    assert listed["last_used_at"] is not None


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"name": ""}, "name"),
        ({"name": "a" * 101}, "name"),
        ({"name": "a\x00b"}, "name"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["admin"]}, "scopes.0"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
        ({"expires_at": "2999-01-01T00:00:00"}, "expires_at"),
        ({"secret": "mine"}, "secret"),
    ],
)
async def test_problems(client: httpx.AsyncClient, body: dict[str, object], place: str) -> None:
    answer = await client.post("/v1/api-keys", json={"name": "CI", "scopes": ALL, **body})
    assert problem_of(answer) == (422, "invalid_request", [place])


def routes() -> Iterator[tuple[str, str]]:
    for path, calls in create_app(Settings()).openapi()["paths"].items():
        if path != ENDLESS:
            yield from ((method.upper(), path) for method, call in calls.items() if call["security"])


@pytest.mark.parametrize(("method", "path"), sorted(routes()))
async def test_every_route_needs_a_scope_or_a_session(
    app: Running, client: httpx.AsyncClient, method: str, path: str
) -> None:
    """No key is valid for the account itself, and none for what its scopes do not name."""
    reads = method == "GET" or path == "/v1/previews"  # whose body is the question
    needed = "deliver" if path == "/v1/delivery-urls" else "read" if reads else "write"
    others = [scope for scope in ALL if scope != needed]
    url = path.format_map(dict.fromkeys(IDS, MISSING))
    keys = [(await new_key(client, *scopes))["key"] for scopes in ([needed], others)]
    allowed, forbidden = [await _request(app, key, method, url) for key in keys]
    if path.startswith(OF_ACCOUNTS):
        assert problem_of(allowed)[:2] == problem_of(forbidden)[:2] == (403, "session_required")
    else:
        assert allowed.status_code not in {401, 403}, allowed.text
        assert problem_of(forbidden)[:2] == (403, "insufficient_scope")
        assert forbidden.headers["WWW-Authenticate"] == 'Bearer error="insufficient_scope"'


async def _request(app: Running, key: str, method: str, url: str) -> httpx.Response:
    async with app.client(key) as program:
        return await program.request(method, url)


async def test_an_expired_key(app: Running, client: httpx.AsyncClient) -> None:
    expires_at = datetime.now(UTC) + timedelta(seconds=0.5)
    new = await new_key(client, expires_at=expires_at.isoformat())
    async with app.client(new["key"]) as program:
        await asyncio.sleep((expires_at - datetime.now(UTC)).total_seconds() + 0.01)
        assert problem_of(await program.get("/v1/tasks"))[:2] == (401, "unauthenticated")


async def test_a_revoked_key_is_rejected_at_once(app: Running, client: httpx.AsyncClient) -> None:
    one, two, three = [await new_key(client) for _ in range(3)]
    async with app.client(one["key"]) as program, app.client(two["key"]) as other:
        assert (await program.get("/v1/tasks")).status_code == (await other.get("/v1/tasks")).status_code == 200
        assert (await client.delete(f"/v1/api-keys/{one['key_id']}")).status_code == 204
        assert problem_of(await program.get("/v1/tasks"))[:2] == (401, "unauthenticated")
        assert problem_of(await client.delete(f"/v1/api-keys/{one['key_id']}"))[:2] == (404, "not_found")
        assert (await other.get("/v1/tasks")).status_code == 200
        assert (await client.delete("/v1/api-keys")).status_code == 204
        assert problem_of(await other.get("/v1/tasks"))[:2] == (401, "unauthenticated")
    assert three["key_id"]
    assert (await client.get("/v1/api-keys")).json() == {"items": []}


async def test_a_wait_ends_with_the_key(app: Running, client: httpx.AsyncClient) -> None:
    """A request that waits for a task answers 401 if its key was revoked meanwhile."""
    new = await new_key(client)
    async with app.client(new["key"]) as program:
        task_id = (await program.post("/v1/tasks", files={"image": sample_image()})).json()["task_id"]
        waiting = asyncio.create_task(program.get(f"/v1/tasks/{task_id}", headers={"Prefer": "wait=60"}))
        while not app.resources.watcher.waiting:  # noqa: ASYNC110 - the application has no event for it
            await asyncio.sleep(0.01)
        assert (await client.delete(f"/v1/api-keys/{new['key_id']}")).status_code == 204
        assert (await client.post(f"/v1/tasks/{task_id}/cancel")).status_code == 200
        assert problem_of(await waiting)[:2] == (401, "unauthenticated")


async def test_events_with_a_key(app: Running, client: httpx.AsyncClient) -> None:
    new = await new_key(client)
    async with app.client(new["key"]) as program:
        task_id = (await program.post("/v1/tasks", files={"image": sample_image()})).json()["task_id"]
        await client.post(f"/v1/tasks/{task_id}/cancel")
        async with program.stream("GET", f"/v1/tasks/{task_id}/events") as answer:
            assert "event: cancelled" in [line async for line in answer.aiter_lines()]


async def test_requests_with_a_key_are_limited(run_with: RunWith) -> None:
    async with run_with(key_requests_per_minute=2) as app, await app.new_client() as client:
        one, two = [await new_key(client) for _ in range(2)]
        async with app.client(one["key"]) as program, app.client(two["key"]) as other:
            answers = [await program.get("/v1/tasks") for _ in range(3)]
            assert [answer.status_code for answer in answers] == [200, 200, 429]
            assert problem_of(answers[2])[1] == "too_many_requests"
            assert int(answers[2].headers["Retry-After"]) >= 1
            assert (await other.get("/v1/tasks")).status_code == 200, "each key has a count of its own"


async def test_log_lines_name_the_key(app: Running, client: httpx.AsyncClient) -> None:
    new = await new_key(client)
    with structlog.testing.capture_logs(processors=[structlog.contextvars.merge_contextvars]) as lines:
        async with app.client(new["key"]) as program:
            await program.post("/v1/tasks", files={"image": sample_image()})
        await client.post("/v1/tasks", files={"image": sample_image()})
    submitted = [line for line in lines if line["event"] == "task_submitted"]
    assert [line.get("key_id") for line in submitted] == [new["key_id"], None]
    user_id = (await client.get("/v1/users/me")).json()["user_id"]
    assert [line["user_id"] for line in submitted] == [user_id, user_id]
    assert new["key"] not in str(lines)


async def test_an_erased_account_has_no_keys(app: Running) -> None:
    async with await app.new_client() as client:
        new = await new_key(client)
        async with app.client(new["key"]) as program:
            assert (await program.get("/v1/tasks")).status_code == 200
            answer = await client.post("/v1/users/me/erasure", json={"password": "correct horse"})
            assert answer.status_code == 204
            assert problem_of(await program.get("/v1/tasks"))[:2] == (401, "unauthenticated")
