"""Concurrent requests: a caller with too many gets 429, and others are not affected."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI
from starlette.middleware import Middleware

from api import errors
from api.middleware import RequestIds
from core.errors import DatabaseOverloaded
from core.sharing.callers import work_for
from tests.unit.api.answers import problem_of
from tests.unit.api.conftest import Running
from tests.unit.api.test_quotas import sample_image, submit

pytestmark = pytest.mark.asyncio(loop_scope="session")

RunWith = Callable[..., AbstractAsyncContextManager[Running]]
TOO_MANY: tuple[int, str, list[str]] = (429, "too_many_concurrent_requests", [])


@asynccontextmanager
async def uploading(*people: httpx.AsyncClient) -> AsyncIterator[list[asyncio.Task[httpx.Response]]]:
    """Each sends half of an image, and the rest in the end."""
    go_on, begun = asyncio.Event(), [asyncio.Event() for _ in people]

    async def slowly(number: int) -> AsyncIterator[bytes]:
        yield sample_image()[:40]
        begun[number].set()  # the service asks for more: it has read the first half
        await go_on.wait()
        yield sample_image()[40:]

    uploads = [
        asyncio.create_task(client.post("/v1/images", content=slowly(number))) for number, client in enumerate(people)
    ]
    await asyncio.gather(*(each.wait() for each in begun))
    yield uploads
    go_on.set()
    assert [(await upload).status_code for upload in uploads] == [201] * len(people)


async def test_one_user(run_with: RunWith) -> None:
    """Holds promise 30: the requests of one user are bounded, and no other user and no probe is rejected for them."""
    async with (
        run_with(concurrent_requests_per_user=2) as app,
        await app.new_client() as client,
        await app.new_client() as other,
    ):
        async with uploading(client, client):
            answers = await asyncio.gather(*(client.get("/v1/tasks") for _ in range(3)))
            assert [problem_of(answer) for answer in answers] == [TOO_MANY] * 3
            assert {answer.headers["Retry-After"] for answer in answers} == {"1"}
            assert (await other.get("/v1/tasks")).status_code == 200
            for probe in ("/livez", "/readyz", "/metrics"):
                assert (await client.get(probe)).status_code == 200
        assert (await client.get("/v1/tasks")).status_code == 200


async def test_one_user_with_two_sessions(run_with: RunWith) -> None:
    async with run_with(concurrent_requests_per_user=1) as app, app.client() as somebody:
        who = {"email": "two@example.com", "password": "correct horse"}
        await somebody.post("/v1/users", json=who)
        first, second = [(await somebody.post("/v1/sessions", json=who)).json()["token"] for _ in range(2)]
        async with app.client(first) as client, app.client(second) as same_person, uploading(client):
            assert problem_of(await same_person.get("/v1/tasks")) == TOO_MANY


async def test_one_address(run_with: RunWith) -> None:
    """Holds promise 30: whoever has not signed in is counted as well; an IPv6 network is one address."""
    async with run_with(concurrent_requests_per_address=2) as app:
        people = [await app.new_client() for _ in range(3)]
        tokens = [client.headers["Authorization"].removeprefix("Bearer ") for client in people]
        near = [app.client(token, address=f"2001:db8:1::{number}") for number, token in enumerate(tokens)]
        async with app.client(address="2001:db8:1::99") as nobody, app.client(address="2001:db8:2::1") as elsewhere:
            async with uploading(*near[:2]):
                answers = await asyncio.gather(nobody.get("/v1/filters"), near[2].get("/v1/tasks"))
                assert [problem_of(answer) for answer in answers] == [TOO_MANY] * 2
                assert (await elsewhere.get("/v1/filters")).status_code == 200
            assert (await nobody.get("/v1/filters")).status_code == 200


async def test_a_burst_passes(run_with: RunWith) -> None:
    """More than the limit, but each takes its turn soon enough."""
    async with run_with(concurrent_requests_per_user=2) as app, await app.new_client() as client:
        answers = await asyncio.gather(*(client.get("/v1/tasks") for _ in range(20)))
        assert {answer.status_code for answer in answers} == {200}


class TestWaiting:
    async def test_streams_have_a_limit_of_their_own(self, run_with: RunWith) -> None:
        """Holds promise 30: full of streams, a user can still do everything else, and others can open theirs."""
        async with (
            run_with(concurrent_requests_per_user=1, waiting_requests_per_user=2) as app,
            await app.new_client() as client,
            await app.new_client() as other,
        ):
            mine, theirs = [(await submit(each)).json()["task_id"] for each in (client, other)]
            streams = [await _open_stream(app, client, mine) for _ in range(2)]
            assert problem_of(await client.get(f"/v1/tasks/{mine}/events")) == TOO_MANY
            assert (await client.get(f"/v1/tasks/{mine}")).status_code == 200
            streams.append(await _open_stream(app, other, theirs))
            for person_, task_id in ((client, mine), (other, theirs)):
                await person_.post(f"/v1/tasks/{task_id}/cancel")
            assert [(await stream).status_code for stream in streams] == [200] * 3
            assert (await client.get(f"/v1/tasks/{mine}/events")).status_code == 200

    async def test_streams_of_an_address(self, run_with: RunWith) -> None:
        async with run_with(waiting_requests_per_address=1) as app, await app.new_client() as client:
            task_id = (await submit(client)).json()["task_id"]
            stream = await _open_stream(app, client, task_id)
            assert problem_of(await client.get(f"/v1/tasks/{task_id}/events")) == TOO_MANY
            await client.post(f"/v1/tasks/{task_id}/cancel")
            assert (await stream).status_code == 200

    async def test_a_preference_is_ignored_where_too_many_wait(self, run_with: RunWith) -> None:
        """The task is there already, so an error would be a lie."""
        async with run_with(waiting_requests_per_user=1) as app, await app.new_client() as client:
            task_id = (await submit(client)).json()["task_id"]
            stream = await _open_stream(app, client, task_id)
            answer = await client.get(f"/v1/tasks/{task_id}", headers={"Prefer": "wait=60"})
            assert (answer.status_code, answer.json()["status"]) == (200, "queued")
            assert "Preference-Applied" not in answer.headers
            await client.post(f"/v1/tasks/{task_id}/cancel")
            assert (await stream).status_code == 200


async def _open_stream(app: Running, client: httpx.AsyncClient, task_id: str) -> asyncio.Task[httpx.Response]:
    """Returns once the stream waits for a transition."""
    waiting_before = app.resources.watcher.waiting
    stream = asyncio.create_task(client.get(f"/v1/tasks/{task_id}/events"))
    while app.resources.watcher.waiting == waiting_before:
        assert not stream.done()
        await asyncio.sleep(0.01)
    return stream


async def test_one_user_keeps_the_database_busy(run_with: RunWith) -> None:
    """Holds promise 30: a caller whose whole share is in use waits, and nobody else does."""
    async with run_with() as app, await app.new_client() as client, await app.new_client() as other:
        user_id = UUID((await client.get("/v1/users/me")).json()["user_id"])
        go_on, database = asyncio.Event(), app.resources.storage.database

        async def keep_a_connection() -> None:
            work_for(f"user {user_id}")
            async with database.reading():
                await go_on.wait()

        keeping = [asyncio.create_task(keep_a_connection()) for _ in range(5)]
        waiting = asyncio.create_task(client.get("/v1/tasks"))
        await asyncio.sleep(0)
        assert (await submit(other)).status_code == 202
        assert (await other.get("/readyz")).status_code == 200
        assert not waiting.done()
        go_on.set()
        await asyncio.gather(*keeping)
        assert (await waiting).status_code == 200


async def test_a_busy_database_is_no_outage() -> None:
    app = FastAPI(middleware=[Middleware(RequestIds)])
    errors.install(app)

    @app.get("/")
    async def busy() -> None:
        raise DatabaseOverloaded("No connection was free within 2 s.")

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://darkroom") as client:
        answer = await client.get("/")
    assert problem_of(answer)[:2] == (503, "database_overloaded")
    assert answer.headers["Retry-After"] == "5"
    assert answer.json()["detail"] == "Too many requests wait for the database. Retry in 5 seconds."
