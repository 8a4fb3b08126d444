"""Tasks as their owner sees them. The worker's side is played through the repository."""

import hashlib
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from uuid import UUID

import httpx
import pytest

from core.telemetry import PUBLISH_FAILURES
from tests.unit.api.answers import problem_of, without_request
from tests.unit.api.conftest import Running
from tests.unit.api.image_forms import IMAGE
from tests.unit.api.task_states import EXPIRED, NOWHERE, claim, submit, succeed

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_queued_task(app: Running, client: httpx.AsyncClient) -> None:
    submitted = await submit(client)
    found = await client.get(f"/v1/tasks/{submitted['task_id']}")
    assert found.json() == submitted
    stored = await app.resources.storage.images.get(UUID(submitted["image_id"]), owner_id=await owner_of(client))
    assert stored
    assert stored.sha256 == hashlib.sha256(IMAGE).hexdigest()


async def owner_of(client: httpx.AsyncClient) -> UUID:
    return UUID((await client.get("/v1/users/me")).json()["user_id"])


async def test_a_failed_task_says_why(app: Running, client: httpx.AsyncClient) -> None:
    task = await submit(client)
    attempt = await claim(app, task)
    failed = await app.resources.storage.tasks.fail(
        UUID(task["task_id"]), attempt, code="invalid_image", detail="Torn."
    )
    assert failed
    found = (await client.get(f"/v1/tasks/{task['task_id']}")).json()
    assert (found["status"], found["error"]) == ("failed", {"code": "invalid_image", "detail": "Torn."})
    assert problem_of(await client.get(f"/v1/tasks/{task['task_id']}/output"))[:2] == (409, "task_not_succeeded")


async def test_a_stored_link_is_handed_out_while_it_is_good(app: Running, client: httpx.AsyncClient) -> None:
    task = await submit(client)
    output = await succeed(app, task)
    found = (await client.get(f"/v1/tasks/{task['task_id']}")).json()["output"]
    assert found.keys() == {"url", "url_expires_at", "format", "width", "height", "bytes", "sha256", "file_name"}
    assert found["url"] == f"http://darkroom{output.url}"


async def test_a_link_near_its_end_is_signed_anew_and_stored(app: Running, client: httpx.AsyncClient) -> None:
    task = await submit(client)
    await succeed(app, task, link_life=EXPIRED)
    (listed,) = (await client.get("/v1/tasks?status=succeeded")).json()["items"]
    first = (await client.get(f"/v1/tasks/{task['task_id']}")).json()["output"]
    second = (await client.get(f"/v1/tasks/{task['task_id']}")).json()["output"]
    assert first == second
    assert datetime.fromisoformat(first["url_expires_at"]) > datetime.now(UTC) + timedelta(seconds=250)
    redirect = await client.get(f"/v1/tasks/{task['task_id']}/output")
    assert redirect.status_code == 307
    assert redirect.headers["Location"] == first["url"]
    async with app.client() as anybody:
        for url in (first["url"], listed["output"]["url"]):
            assert (await anybody.get(url)).content == IMAGE


async def test_lists_come_in_pages_and_by_status(client: httpx.AsyncClient) -> None:
    submitted = [(await submit(client))["task_id"] for _ in range(3)]
    first = (await client.get("/v1/tasks?limit=2")).json()
    second = (await client.get("/v1/tasks", params={"limit": 2, "cursor": first["next_cursor"]})).json()
    assert [task["task_id"] for task in first["items"] + second["items"]] == submitted[::-1]
    assert second["next_cursor"] is None

    await client.post(f"/v1/tasks/{submitted[0]}/cancel")
    cancelled = (await client.get("/v1/tasks?status=cancelled")).json()["items"]
    assert [task["task_id"] for task in cancelled] == [submitted[0]]


async def test_cancel_is_idempotent(app: Running, client: httpx.AsyncClient) -> None:
    task = await submit(client)
    for _ in range(2):
        answer = await client.post(f"/v1/tasks/{task['task_id']}/cancel")
        assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
    ended = await submit(client)
    await succeed(app, ended)
    assert (await client.post(f"/v1/tasks/{ended['task_id']}/cancel")).json()["status"] == "succeeded"


async def test_delete_takes_the_objects_along(app: Running, client: httpx.AsyncClient) -> None:
    task = await submit(client)
    output = await succeed(app, task)
    assert (await client.delete(f"/v1/tasks/{task['task_id']}")).status_code == 204
    for path in ("", "/output"):
        assert problem_of(await client.get(f"/v1/tasks/{task['task_id']}{path}"))[:2] == (404, "not_found")
    keys = {stored.key async for stored in app.resources.storage.objects.list("")}
    assert keys.isdisjoint({output.key, f"sources/{task['image_id']}"})


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/tasks/{task_id}"),
        ("GET", "/v1/tasks/{task_id}/output"),
        ("POST", "/v1/tasks/{task_id}/cancel"),
        ("DELETE", "/v1/tasks/{task_id}"),
        ("GET", "/v1/images/{image_id}"),
        ("DELETE", "/v1/images/{image_id}"),
    ],
)
async def test_what_is_another_users_is_not_there(
    app: Running, client: httpx.AsyncClient, other_user: httpx.AsyncClient, method: str, path: str
) -> None:
    task = await submit(client)
    await succeed(app, task)
    theirs = await other_user.request(method, path.format_map(task))
    nowhere = await other_user.request(method, path.format(task_id=NOWHERE, image_id=NOWHERE))
    assert problem_of(theirs)[:2] == problem_of(nowhere)[:2] == (404, "not_found")
    assert without_request(theirs) == without_request(nowhere)
    assert (await client.get(f"/v1/tasks/{task['task_id']}")).json()["status"] == "succeeded"
    assert (await other_user.get("/v1/tasks")).json()["items"] == []
    assert (await other_user.get("/v1/images")).json()["items"] == []


async def test_nobody_works_on_another_users_image(client: httpx.AsyncClient, other_user: httpx.AsyncClient) -> None:
    image = (await client.post("/v1/images", content=IMAGE)).json()
    theirs = await other_user.post("/v1/tasks", json={"image_id": image["image_id"], "pipeline": []})
    nowhere = await other_user.post("/v1/tasks", json={"image_id": NOWHERE, "pipeline": []})
    assert problem_of(theirs)[:2] == (404, "not_found")
    assert without_request(theirs) == without_request(nowhere)


def publish_failures() -> float:
    return next(sample.value for metric in PUBLISH_FAILURES.collect() for sample in metric.samples)


async def test_a_broker_that_is_away_fails_no_request(
    run_with: Callable[..., AbstractAsyncContextManager[Running]],
) -> None:
    failures = publish_failures()
    async with run_with(broker_url="amqp://127.0.0.1:9/") as app, await app.new_client() as client:
        task = await submit(client)
        assert (await client.get(f"/v1/tasks/{task['task_id']}")).json()["status"] == "queued"
        (waiting,) = await app.resources.storage.tasks.hold_unpublished(stale_seconds=60)
        assert str(waiting.task_id) == task["task_id"]
        ready = await client.get("/readyz")
        assert (ready.status_code, ready.json()["status"]) == (200, "degraded")
        assert ready.json()["dependencies"]["broker"] != "ok"
    assert publish_failures() == failures + 1


async def test_a_session_store_that_is_away_is_503(
    run_with: Callable[..., AbstractAsyncContextManager[Running]],
) -> None:
    async with run_with(redis_url="redis://127.0.0.1:9/0") as app, app.client("token") as client:
        answer = await client.get("/v1/tasks")
        assert problem_of(answer)[:2] == (503, "dependency_unavailable")
        assert int(answer.headers["Retry-After"]) > 0
        assert (await client.get("/livez")).status_code == 200
        ready = await client.get("/readyz")
        assert (ready.status_code, ready.json()["status"]) == (503, "unavailable")
        assert ready.json()["dependencies"].keys() == {"database", "object_store", "session_store", "broker"}
        assert [name for name, state in ready.json()["dependencies"].items() if state != "ok"] == ["session_store"]
