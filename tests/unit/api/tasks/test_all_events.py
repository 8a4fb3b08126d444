"""`GET /v1/events`: what happens to all tasks of a user, in one stream that can be resumed."""

import asyncio
import time
from collections.abc import AsyncIterator
from uuid import UUID

import httpx
import pytest
import pytest_asyncio

from api.tasks import feed
from api.tasks.all_events import AllEvents, Sent
from storage import EventPosition
from tests.harness.eventually import eventually
from tests.unit.api.answers import problem_of
from tests.unit.api.conftest import Running
from tests.unit.api.tasks.test_watcher import finish, submitted

pytestmark = pytest.mark.asyncio(loop_scope="session")
LONG_AGO = "0-1-1000000000"
OF_ANOTHER_DATABASE = f"{10**17}-1-{10**11}"


class Stream:
    """One client of the stream. A test transport gives a response only whole, so this is the stream below HTTP."""

    def __init__(self, app: Running, owner_id: UUID, last_event_id: str | None = None) -> None:
        self.is_open = True
        events = AllEvents(feed=app.resources.task_feed, owner_id=owner_id, is_open=self._check)
        self._events = events.follow(last_event_id)

    async def _check(self) -> bool:
        return self.is_open

    async def next(self) -> Sent:
        return await anext(self._events)

    async def names(self, count: int) -> list[str]:
        return [(await self.next()).name for _ in range(count)]

    async def close(self) -> None:
        await self._events.aclose()  # type: ignore[attr-defined]  # it is a generator


@pytest_asyncio.fixture(loop_scope="session")
async def owner_id(client: httpx.AsyncClient) -> UUID:
    return UUID((await client.get("/v1/users/me")).json()["user_id"])


@pytest_asyncio.fixture(loop_scope="session")
async def stream(app: Running, owner_id: UUID) -> AsyncIterator[Stream]:
    """Has begun."""
    stream = Stream(app, owner_id)
    assert await stream.names(1) == ["refetch"]
    yield stream
    await stream.close()


async def test_everything_that_happens_to_a_task(app: Running, client: httpx.AsyncClient, stream: Stream) -> None:
    task_id = (await submitted(client)).json()["task_id"]
    await finish(app, task_id)
    await client.delete(f"/v1/tasks/{task_id}")
    events = [await stream.next() for _ in range(4)]
    assert [event.name for event in events] == ["created", "running", "succeeded", "deleted"]
    views = [event.view for event in events if event.view]
    assert [view.event for view in views] == [event.name for event in events]
    assert {str(view.task_id) for view in views} == {task_id}
    assert [view.attempt for view in views] == [0, 1, 1, 1]


async def test_tasks_of_others_are_not_there(
    client: httpx.AsyncClient, other_user: httpx.AsyncClient, stream: Stream
) -> None:
    """Holds promise 21, for the stream of all tasks."""
    await submitted(other_user)
    mine = (await submitted(client)).json()["task_id"]
    event = await stream.next()
    assert event.view
    assert str(event.view.task_id) == mine


async def test_a_client_that_comes_back_gets_what_it_missed(
    app: Running, client: httpx.AsyncClient, other_user: httpx.AsyncClient, stream: Stream, owner_id: UUID
) -> None:
    await submitted(client)
    last = (await stream.next()).id
    await stream.close()
    cancelled = (await submitted(client)).json()["task_id"]
    await submitted(other_user)
    await client.post(f"/v1/tasks/{cancelled}/cancel")
    again = Stream(app, owner_id, last)
    await submitted(client)
    assert await again.names(3) == ["created", "cancelled", "created"]
    await again.close()


@pytest.mark.parametrize("last", ["", "3", "nonsense", "0-1", LONG_AGO, OF_ANOTHER_DATABASE, "9" * 40])
async def test_a_client_of_which_nothing_is_known_reads_anew(app: Running, owner_id: UUID, last: str) -> None:
    stream = Stream(app, owner_id, last)
    assert await stream.names(1) == ["refetch"]
    await stream.close()


async def test_a_client_that_missed_too_much_reads_anew(
    app: Running, client: httpx.AsyncClient, owner_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    await submitted(client)
    monkeypatch.setattr("api.tasks.all_events._MAX_MISSED", 1)
    stream = Stream(app, owner_id, f"0-0-{time.time():.0f}")
    assert await stream.names(1) == ["refetch"]
    await stream.close()


async def test_a_client_that_does_not_read_is_asked_to_read_anew(
    client: httpx.AsyncClient, stream: Stream, monkeypatch: pytest.MonkeyPatch, app: Running
) -> None:
    monkeypatch.setattr(feed, "_MAX_BEHIND", 2)
    before = await app.resources.storage.task_events.newest()
    for _ in range(4):
        await submitted(client)

    async def is_read() -> bool:
        return len(await app.resources.storage.task_events.after(before, limit=9)) >= 4

    await eventually(is_read)
    await asyncio.sleep(1)  # for the reader of the log
    assert await stream.names(1) == ["refetch"]
    await submitted(client)
    assert await stream.names(1) == ["created"]


async def test_after_signing_out_nothing_is_sent(client: httpx.AsyncClient, stream: Stream) -> None:
    """Holds promise 20, for the stream of all tasks."""
    stream.is_open = False
    await submitted(client)
    with pytest.raises(StopAsyncIteration):
        await stream.next()


async def test_the_route_streams_until_the_session_ends(app: Running, client: httpx.AsyncClient) -> None:
    following = asyncio.create_task(client.get("/v1/events"))

    async def has_begun() -> bool:
        return bool(app.resources.task_feed.streams)

    await eventually(has_begun)
    await client.delete("/v1/sessions/current")
    answer = await following
    assert answer.headers["Content-Type"].startswith("text/event-stream")
    assert answer.text.startswith("event: refetch\ndata: {}\nid: ")


async def test_a_key_needs_the_scope_read_and_ends_its_stream(app: Running, client: httpx.AsyncClient) -> None:
    reader, writer = [
        (await client.post("/v1/api-keys", json={"name": "CI", "scopes": [scope]})).json()
        for scope in ("read", "write")
    ]
    async with app.client(writer["key"]) as program:
        assert problem_of(await program.get("/v1/events"))[:2] == (403, "insufficient_scope")
    async with app.client(reader["key"]) as program:
        following = asyncio.create_task(program.get("/v1/events"))

        async def has_begun() -> bool:
            return bool(app.resources.task_feed.streams)

        await eventually(has_begun)
        await client.delete(f"/v1/api-keys/{reader['key_id']}")
        assert (await following).text.count("event: ") == 1


async def test_without_a_session(nobody: httpx.AsyncClient) -> None:
    assert problem_of(await nobody.get("/v1/events"))[:2] == (401, "unauthenticated")


async def test_a_thousand_streams_are_one_reader(app: Running, client: httpx.AsyncClient, owner_id: UUID) -> None:
    """The log is read once for all of them, and each gets every event."""
    streams = [Stream(app, owner_id) for _ in range(1_000)]
    assert {(await stream.next()).name for stream in streams} == {"refetch"}
    await submitted(client)
    received = await asyncio.gather(*(stream.next() for stream in streams))
    assert len({event.id.rpartition("-")[0] for event in received}) == 1
    for stream in streams:
        await stream.close()
    assert EventPosition(*map(int, received[0].id.split("-")[:2])) <= await app.resources.storage.task_events.newest()


async def test_stopping_ends_the_streams(app: Running, owner_id: UUID) -> None:
    async with feed.open_feed(app.resources.storage.task_events) as its_own:

        async def is_open() -> bool:
            return True

        following = AllEvents(feed=its_own, owner_id=owner_id, is_open=is_open).follow(None)
        assert (await anext(following)).name == "refetch"
        its_own.stop()
        with pytest.raises(StopAsyncIteration):
            await anext(following)
