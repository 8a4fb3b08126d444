"""Waiting for a task: `Prefer: wait`, server-sent events, and what learns of transitions for both."""

import asyncio
import io
import json
import time
from datetime import UTC, datetime
from uuid import UUID

import httpx
import pytest
import pytest_asyncio
from PIL import Image

from api.requests.prefer_wait import wait_seconds
from api.tasks.events import transitions_of
from api.tasks.watcher import open_watcher
from core.tasks import Task, TaskStatus
from tests.contract.tasks_in_states import output_of
from tests.harness.eventually import eventually
from tests.harness.scale import check_seconds, within
from tests.unit.api.answers import problem_of
from tests.unit.api.conftest import Running

pytestmark = pytest.mark.asyncio(loop_scope="session")

LONG = 3600.0


def sample_image() -> bytes:
    out = io.BytesIO()
    Image.new("L", (8, 8)).save(out, "PNG")
    return out.getvalue()


async def submitted(client: httpx.AsyncClient, **headers: str) -> httpx.Response:
    return await client.post("/v1/tasks", files=[("image", ("a.png", sample_image()))], headers=headers)


async def claim(app: Running, task_id: str) -> Task:
    task = await app.resources.storage.tasks.claim(UUID(task_id), worker_id="test", lease_seconds=LONG)
    assert task
    return task


async def finish(app: Running, task_id: str) -> None:
    task = await claim(app, task_id)
    output = output_of(task.task_id, task.attempt)
    await app.resources.storage.objects.put(output.key, b"x", media_type="image/png", file_name="x.png")
    assert await app.resources.storage.tasks.succeed(task.task_id, task.attempt, output=output)


@pytest.mark.parametrize(
    ("prefer", "seconds"),
    [
        (None, None),
        ("", None),
        ("respond-async", None),
        ("wait", None),
        ("wait=-1", None),
        ("wait=soon", None),
        ("await=3", None),
        ("wait=3", 3),
        ("respond-async, wait=10", 10),
        ('Wait="7"; x', 7),
        ("wait=61", 60),
        ("wait=999999999", 60),
    ],
)
async def test_what_is_preferred(prefer: str | None, seconds: int | None) -> None:
    assert wait_seconds(prefer) == seconds


class TestPrefer:
    async def test_a_new_task_is_answered_when_it_has_ended(self, app: Running, client: httpx.AsyncClient) -> None:
        asking = asyncio.create_task(submitted(client, Prefer="wait=60"))

        async def tasks() -> list[dict[str, str]]:
            found: list[dict[str, str]] = (await client.get("/v1/tasks")).json()["items"]
            return found

        async def is_one_listed() -> bool:
            return bool(await tasks())

        await eventually(is_one_listed)
        await finish(app, (await tasks())[0]["task_id"])
        with within(1):
            answer = await asking
        assert (answer.status_code, answer.json()["status"]) == (200, "succeeded")
        assert answer.headers["Preference-Applied"] == "wait=60"
        assert answer.headers["Location"] == f"/v1/tasks/{answer.json()['task_id']}"
        assert answer.json()["output"]["url"]

    async def test_a_task_is_answered_when_the_time_has_passed(self, client: httpx.AsyncClient) -> None:
        started = time.monotonic()
        answer = await submitted(client, Prefer="wait=1")
        taken = time.monotonic() - started
        assert taken >= 1
        check_seconds(taken, most=3)
        assert (answer.status_code, answer.json()["status"]) == (202, "queued")
        again = await client.get(answer.headers["Location"], headers={"Prefer": "wait=0"})
        assert (again.status_code, again.headers["Preference-Applied"]) == (200, "wait=0")

    async def test_an_ended_task_is_answered_at_once(self, app: Running, client: httpx.AsyncClient) -> None:
        task_id = (await submitted(client)).json()["task_id"]
        await finish(app, task_id)
        answer = await client.get(f"/v1/tasks/{task_id}", headers={"Prefer": "wait=60"})
        assert (answer.json()["status"], answer.headers["Preference-Applied"]) == ("succeeded", "wait=60")

    async def test_waiting_through_a_retry(self, app: Running, client: httpx.AsyncClient) -> None:
        task_id = (await submitted(client)).json()["task_id"]
        asking = asyncio.create_task(client.get(f"/v1/tasks/{task_id}", headers={"Prefer": "wait=60"}))
        task = await claim(app, task_id)
        await asyncio.sleep(0.2)
        await app.resources.storage.tasks.retry(task.task_id, 1, delay_seconds=0, code="timeout", detail="Slow.")
        await asyncio.sleep(0.2)
        await finish(app, task_id)
        assert ((await asking).json()["status"], (await asking).json()["attempt"]) == ("succeeded", 2)

    async def test_a_wait_ends_without_the_task_after_signing_out(
        self, app: Running, client: httpx.AsyncClient
    ) -> None:
        """Holds promise 20, for an answer that was already on its way."""
        task_id = (await submitted(client)).json()["task_id"]
        asking = asyncio.create_task(client.get(f"/v1/tasks/{task_id}", headers={"Prefer": "wait=60"}))
        await asyncio.sleep(0.2)
        await client.delete("/v1/sessions/current")
        await finish(app, task_id)
        assert problem_of(await asking)[:2] == (401, "unauthenticated")

    async def test_a_task_that_is_deleted_meanwhile(self, client: httpx.AsyncClient) -> None:
        task_id = (await submitted(client)).json()["task_id"]
        asking = asyncio.create_task(client.get(f"/v1/tasks/{task_id}", headers={"Prefer": "wait=60"}))
        await asyncio.sleep(0.2)
        await client.delete(f"/v1/tasks/{task_id}")
        assert problem_of(await asking)[:2] == (404, "not_found")


def parse(text: str) -> list[tuple[int, str, dict[str, object]]]:
    events = []
    for block in text.strip().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if fields:
            events.append((int(fields["id"]), fields["event"], json.loads(fields["data"])))
    return events


class TestEvents:
    async def test_every_transition_until_the_end(self, app: Running, client: httpx.AsyncClient) -> None:
        task_id = (await submitted(client)).json()["task_id"]
        following = asyncio.create_task(client.get(f"/v1/tasks/{task_id}/events"))
        task = await claim(app, task_id)
        await asyncio.sleep(1)  # to be seen
        await app.resources.storage.tasks.retry(task.task_id, 1, delay_seconds=0, code="timeout", detail="Slow.")
        await asyncio.sleep(1)
        await finish(app, task_id)
        answer = await following
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        events = parse(answer.text)
        assert [(number, name) for number, name, _ in events] == [
            (0, "queued"),
            (1, "running"),
            (2, "queued"),
            (3, "running"),
            (5, "succeeded"),
        ]
        ended = events[-1][2]["task"]
        assert ended == (await client.get(f"/v1/tasks/{task_id}")).json()

    async def test_a_client_that_reconnects_gets_what_it_missed(self, app: Running, client: httpx.AsyncClient) -> None:
        task_id = (await submitted(client)).json()["task_id"]
        await finish(app, task_id)
        path = f"/v1/tasks/{task_id}/events"
        assert [number for number, *_ in parse((await client.get(path)).text)] == [0, 1, 3]
        for last, missed in {"0": [1, 3], "1": [3], "3": [], "nonsense": [0, 1, 3], "9" * 30: [0, 1, 3]}.items():
            answer = await client.get(path, headers={"Last-Event-ID": last})
            assert answer.status_code == 200
            assert [number for number, *_ in parse(answer.text)] == missed

    async def test_a_stream_ends_with_its_session_or_its_task(self, client: httpx.AsyncClient) -> None:
        """Holds promise 20: a session that was ended receives nothing."""
        first, second = [(await submitted(client)).json()["task_id"] for _ in range(2)]
        following = [asyncio.create_task(client.get(f"/v1/tasks/{each}/events")) for each in (first, second)]
        await asyncio.sleep(0.3)
        await client.delete(f"/v1/tasks/{first}")
        await client.post(f"/v1/tasks/{second}/cancel")
        streams = [parse((await each).text) for each in following]
        assert [[name for _, name, _ in events] for events in streams] == [["queued"], ["queued", "cancelled"]]

    async def test_after_signing_out_nothing_is_sent(self, app: Running, client: httpx.AsyncClient) -> None:
        task_id = (await submitted(client)).json()["task_id"]
        following = asyncio.create_task(client.get(f"/v1/tasks/{task_id}/events"))
        await asyncio.sleep(0.3)
        await client.delete("/v1/sessions/current")
        await finish(app, task_id)
        assert [name for _, name, _ in parse((await following).text)] == ["queued"]

    async def test_another_users_is_not_there(self, client: httpx.AsyncClient, other_user: httpx.AsyncClient) -> None:
        task_id = (await submitted(client)).json()["task_id"]
        assert problem_of(await other_user.get(f"/v1/tasks/{task_id}/events"))[:2] == (404, "not_found")


async def test_a_transition_that_nobody_saw_is_sent_by_its_number() -> None:
    at = datetime(2026, 1, 2, tzinfo=UTC)
    task = Task(
        task_id=UUID(int=7),
        owner_id=UUID(int=8),
        image_id=None,
        source_key="sources/x",
        pipeline=(),
        output_options={},
        status=TaskStatus.RUNNING,
        attempt=2,
        request_id=None,
        created_at=at,
        started_at=at,
        finished_at=None,
        error_code=None,
        error_detail=None,
        output=None,
    )
    events = [(number, event.attempt, event.at) for number, event in transitions_of(task)]
    assert events == [(0, 0, at), (1, 1, None), (3, 2, at)]


class TestTransitions:
    @pytest_asyncio.fixture(loop_scope="session")
    async def task(self, app: Running, client: httpx.AsyncClient) -> Task:
        task_id = UUID((await submitted(client)).json()["task_id"])
        owner_id = UUID((await client.get("/v1/users/me")).json()["user_id"])
        found = await app.resources.storage.tasks.get(task_id, owner_id=owner_id)
        assert found
        return found

    async def test_stopping_lets_everybody_go(self, app: Running, task: Task) -> None:
        async with open_watcher(app.resources.storage.tasks, app.resources.storage.notifications) as watcher:
            waiting = [asyncio.create_task(watcher.changed(task, seconds=60)) for _ in range(3)]
            await asyncio.sleep(0.1)
            watcher.stop()
            assert await asyncio.gather(*waiting) == [False] * 3
            assert not await watcher.changed(task, seconds=60)

    async def test_a_notification_is_enough(self, app: Running, task: Task) -> None:
        """The row is as it was, so it was not the poller."""
        notifications = app.resources.storage.notifications
        async with open_watcher(app.resources.storage.tasks, notifications) as watcher:
            waiting = asyncio.create_task(watcher.changed(task, seconds=60))
            await asyncio.sleep(0)
            notifications.notify(task.task_id)
            assert await waiting

    async def test_a_notification_before_the_wait_is_not_lost(self, app: Running, task: Task) -> None:
        """It may come between the read of the row and the wait. It counts once: then the row decides."""
        notifications = app.resources.storage.notifications
        async with open_watcher(app.resources.storage.tasks, notifications) as watcher:
            notifications.notify(task.task_id)
            assert await watcher.changed(task, seconds=60)
            assert not await watcher.changed(task, seconds=0)

    async def test_hundreds_wait_with_one_poller(self, app: Running, task: Task) -> None:
        async with open_watcher(app.resources.storage.tasks, app.resources.storage.notifications) as watcher:
            waiting = [asyncio.create_task(watcher.changed(task, seconds=60)) for _ in range(700)]
            await asyncio.sleep(0.1)
            await claim(app, str(task.task_id))
            assert all(await asyncio.gather(*waiting))
