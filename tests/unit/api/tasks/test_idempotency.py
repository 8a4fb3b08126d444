"""Holds promise 11: the same key with the same order makes one task, whoever asks how often and whatever dies."""

import asyncio
import hashlib
import io
import json
from typing import Any
from uuid import UUID

import httpx
import pytest
from PIL import Image

from api.schemas import TaskOptionsBody
from api.tasks.idempotency import identify
from api.tasks.spec import spec_from
from api.uploads.incoming import receiving
from core.tasks import Task
from tests.unit.api.answers import problem_of
from tests.unit.api.conftest import MAX_UPLOAD_BYTES, Running

pytestmark = pytest.mark.asyncio(loop_scope="session")


def sample_image(shade: int = 0) -> bytes:
    out = io.BytesIO()
    Image.new("L", (64, 64), shade).save(out, "PNG")
    return out.getvalue()


async def post(
    client: httpx.AsyncClient, key: str, *, image: bytes = b"", filters: tuple[str, ...] = ("invert",), **headers: str
) -> httpx.Response:
    parts: list[tuple[str, Any]] = [("filter", (None, name)) for name in filters]
    parts.append(("image", ("a.png", image or sample_image())))
    return await client.post("/v1/tasks", files=parts, headers={"Idempotency-Key": key, **headers})


async def tasks_of(client: httpx.AsyncClient) -> list[str]:
    return [task["task_id"] for task in (await client.get("/v1/tasks?limit=100")).json()["items"]]


async def objects_of(app: Running) -> set[str]:
    return {stored.key async for stored in app.resources.storage.objects.list("sources/")}


async def test_the_same_order_again_gets_the_first_task(app: Running, client: httpx.AsyncClient) -> None:
    first = await post(client, "k-1")
    objects = await objects_of(app)
    again = await post(client, "k-1")
    assert first.status_code == again.status_code == 202
    assert again.json() == first.json()
    assert again.headers["Location"] == first.headers["Location"]
    assert await tasks_of(client) == [first.json()["task_id"]]
    assert await objects_of(app) == objects


async def test_an_order_that_has_ended_since_is_answered_in_the_same_way(client: httpx.AsyncClient) -> None:
    first = await post(client, "k-0")
    await client.post(f"{first.headers['Location']}/cancel")
    again = await post(client, "k-0")
    assert (again.status_code, again.json()["status"]) == (202, "cancelled")
    waiting = await post(client, "k-0", Prefer="wait=5")
    assert (waiting.status_code, waiting.json()["task_id"]) == (200, first.json()["task_id"])


async def test_the_order_is_compared_as_it_is_understood(client: httpx.AsyncClient) -> None:
    """`filter=blur` and a pipeline that writes the default out are the same order."""
    first = await post(client, "k-2", filters=("blur",))
    (step,) = first.json()["pipeline"]
    pipeline = f'[{{"filter": "blur", "sigma": {step["sigma"]}}}]'
    again = await client.post(
        "/v1/tasks",
        files=[("image", ("a.png", sample_image())), ("pipeline", (None, pipeline))],
        headers={"Idempotency-Key": "k-2"},
    )
    assert again.json()["task_id"] == first.json()["task_id"]


async def test_keys_of_earlier_versions_stay_valid() -> None:
    """The digest of a request without new fields is the stored one, so that a retry across an upgrade is recognised."""
    spec = spec_from([], {"format": "png"})
    earlier = json.dumps(["id", [], spec.output.model_dump(mode="json")], sort_keys=True, separators=(",", ":"))
    key = identify("k", spec, TaskOptionsBody(), image="id")
    assert key
    assert key.order_sha256 == hashlib.sha256(earlier.encode()).hexdigest()


async def test_another_order_is_rejected(app: Running, client: httpx.AsyncClient) -> None:
    await post(client, "k-3")
    objects = await objects_of(app)
    for changed in ({"image": sample_image(99)}, {"filters": ("sepia",)}):
        answer = await post(client, "k-3", **changed)
        assert problem_of(answer) == (422, "idempotency_key_reused", [])
    assert len(await tasks_of(client)) == 1
    assert await objects_of(app) == objects


async def test_orders_on_images_that_are_there(client: httpx.AsyncClient) -> None:
    image_id = (await client.post("/v1/images", content=sample_image())).json()["image_id"]
    headers = {"Idempotency-Key": "k-4"}
    first, again = [await client.post("/v1/tasks", json={"image_id": image_id}, headers=headers) for _ in range(2)]
    assert first.json() == again.json()
    other = {"image_id": image_id, "pipeline": [{"filter": "sepia"}]}
    assert problem_of(await client.post("/v1/tasks", json=other, headers=headers))[0] == 422


async def test_a_key_belongs_to_its_owner(client: httpx.AsyncClient, other_user: httpx.AsyncClient) -> None:
    mine, theirs = await post(client, "k-5"), await post(other_user, "k-5", image=sample_image(7))
    assert mine.status_code == theirs.status_code == 202
    assert mine.json()["task_id"] != theirs.json()["task_id"]


async def test_fifty_at_once_make_one_task(app: Running, client: httpx.AsyncClient) -> None:
    """Holds promise 11: one creates the task, the others get 409 and, when they retry, its task."""
    before = await objects_of(app)
    answers = await asyncio.gather(*(post(client, "k-6") for _ in range(50)))
    (task_id,) = await tasks_of(client)
    assert {answer.status_code for answer in answers} <= {202, 409}
    assert {answer.json()["task_id"] for answer in answers if answer.status_code == 202} == {task_id}
    for answer in answers:
        if answer.status_code == 409:
            assert problem_of(answer)[1] == "request_in_progress"
            assert answer.headers["Retry-After"] == "1"
    assert (await post(client, "k-6")).json()["task_id"] == task_id
    assert len(await objects_of(app) - before) == 1


async def test_without_a_reservation_the_database_decides(app: Running, client: httpx.AsyncClient) -> None:
    """Holds promise 11 with Redis lost in between: both upload, and the one that comes second leaves no object."""
    submission, owner_id = app.resources.submission, UUID((await client.get("/v1/users/me")).json()["user_id"])
    order = spec_from([{"filter": "invert"}], None)
    before = await objects_of(app)

    async def submit() -> Task:
        async with receiving(app.resources.storage.objects, max_bytes=MAX_UPLOAD_BYTES) as incoming:
            await incoming.write(sample_image())
            image = await incoming.complete()
        key = identify("k-7", order, TaskOptionsBody(), image=image.sha256)
        return await submission.submit(
            order, image, options=TaskOptionsBody(), owner_id=owner_id, request_id="r", idempotency=key
        )

    made = await asyncio.gather(*(submit() for _ in range(5)))
    assert len({task.task_id for task in made}) == 1
    assert await objects_of(app) - before == {made[0].source_key}


@pytest.mark.parametrize("key", ["", "k" * 201, "two words", "\xfc"])
async def test_keys_that_are_none(client: httpx.AsyncClient, key: str) -> None:
    answer = await client.post(
        "/v1/tasks", files=[("image", ("a.png", sample_image()))], headers=[(b"Idempotency-Key", key.encode("latin-1"))]
    )
    assert problem_of(answer)[:2] == (422, "invalid_request")
