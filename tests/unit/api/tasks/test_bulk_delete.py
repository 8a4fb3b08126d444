"""Many tasks or images are deleted at once: by explicit filters, only one's own, and with their objects."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from api.bulk_delete import delete_in_batches
from storage import Removed
from tests.unit.api.answers import problem_of
from tests.unit.api.conftest import Running
from tests.unit.api.image_forms import IMAGE
from tests.unit.api.task_states import submit, succeed

pytestmark = pytest.mark.asyncio(loop_scope="session")
LATER = {"created_before": "2100-01-01T00:00:00Z"}


async def delete(client: httpx.AsyncClient, path: str, **query: Any) -> tuple[int, bool]:  # noqa: ANN401 - query parameters
    answer = await client.delete(path, params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()["deleted"], answer.json()["has_more"]


async def ids_of(client: httpx.AsyncClient, kind: str) -> set[str]:
    return {item[f"{kind}_id"] for item in (await client.get(f"/v1/{kind}s")).json()["items"]}


async def test_tasks_are_deleted_by_state(
    app: Running, client: httpx.AsyncClient, other_user: httpx.AsyncClient
) -> None:
    queued, cancelled, done, foreign = [await submit(each) for each in (client, client, client, other_user)]
    await client.post(f"/v1/tasks/{cancelled['task_id']}/cancel")
    output = await succeed(app, done)
    assert await delete(client, "/v1/tasks", status=["succeeded", "cancelled"]) == (2, False)
    assert await delete(client, "/v1/tasks", status=["succeeded", "cancelled"]) == (0, False)
    assert await ids_of(client, "task") == {queued["task_id"]}
    assert await ids_of(client, "image") == {queued["image_id"]}
    assert await ids_of(other_user, "task") == {foreign["task_id"]}
    objects = {stored.key async for stored in app.resources.storage.objects.list("")}
    assert objects.isdisjoint({output.key, f"sources/{done['image_id']}", f"sources/{cancelled['image_id']}"})


async def test_tasks_are_deleted_by_age(client: httpx.AsyncClient) -> None:
    old, new = await submit(client), await submit(client)
    assert await delete(client, "/v1/tasks", status="queued", created_before=old["created_at"]) == (0, False)
    assert await delete(client, "/v1/tasks", status="queued", created_before=new["created_at"]) == (1, False)
    assert await ids_of(client, "task") == {new["task_id"]}
    assert await delete(client, "/v1/tasks", status="queued", **LATER) == (1, False)


async def test_images_are_deleted_unless_a_task_needs_them(app: Running, client: httpx.AsyncClient) -> None:
    alone = (await client.post("/v1/images", content=IMAGE)).json()
    queued, done = await submit(client), await submit(client)
    await succeed(app, done)
    assert await delete(client, "/v1/images", unused=True, **LATER) == (1, False)
    assert await ids_of(client, "image") == {queued["image_id"], done["image_id"]}
    assert await delete(client, "/v1/images", **LATER) == (1, False)
    assert await ids_of(client, "image") == {queued["image_id"]}
    objects = {stored.key async for stored in app.resources.storage.objects.list("sources/")}
    assert objects.isdisjoint({f"sources/{alone['image_id']}", f"sources/{done['image_id']}"})
    assert f"sources/{queued['image_id']}" in objects


async def test_a_request_is_bounded(app: Running) -> None:
    limits: list[int] = []

    async def delete_some(limit: int) -> Removed:
        limits.append(limit)
        return Removed(count=limit, has_more=True)

    removed = await delete_in_batches(delete_some, app.resources.storage.objects)
    assert (removed.count, removed.has_more, limits) == (1000, True, [100] * 10)


@pytest.mark.parametrize(
    ("path", "query", "places"),
    [
        ("/v1/tasks", "", ["status"]),
        ("/v1/tasks", "created_before=2026-01-01T00:00:00Z", ["status"]),
        ("/v1/tasks", "status=done", ["status.0"]),
        ("/v1/tasks", "status=failed&created_before=yesterday", ["created_before"]),
        ("/v1/tasks", "status=failed&created_before=2026-01-01T00:00:00", ["created_before"]),
        ("/v1/tasks", "statuss=failed", ["statuss"]),
        ("/v1/images", "", ["created_before"]),
        ("/v1/images", "unused=true", ["created_before"]),
    ],
)
async def test_nothing_is_deleted_by_omission(
    client: httpx.AsyncClient, path: str, query: str, places: list[str]
) -> None:
    assert problem_of(await client.delete(f"{path}?{query}")) == (422, "invalid_request", places)


class TestRetention:
    async def test_a_task_and_its_image_expire_when_it_has_ended(self, app: Running, client: httpx.AsyncClient) -> None:
        task = await submit(client)
        image = f"/v1/images/{task['image_id']}"
        assert [task["expires_at"], (await client.get(image)).json()["expires_at"]] == [None, None]
        await succeed(app, task)
        ended = (await client.get(f"/v1/tasks/{task['task_id']}")).json()
        expires_at = datetime.fromisoformat(ended["expires_at"])
        assert expires_at - datetime.fromisoformat(ended["finished_at"]) == timedelta(days=30)
        assert expires_at > datetime.now(UTC)
        listed = (await client.get("/v1/images")).json()["items"][0]
        assert [listed["expires_at"], (await client.get(image)).json()["expires_at"]] == [ended["expires_at"]] * 2
        await client.post("/v1/tasks", json={"image_id": task["image_id"]})
        assert (await client.get(image)).json()["expires_at"] is None

    async def test_an_image_without_a_task_does_not_expire(self, client: httpx.AsyncClient) -> None:
        uploaded = (await client.post("/v1/images", content=IMAGE)).json()
        assert uploaded["expires_at"] is None
        assert (await client.get("/v1/images")).json()["items"][0]["expires_at"] is None
