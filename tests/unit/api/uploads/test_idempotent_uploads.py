"""An upload that is repeated with its key gets the first image."""

import asyncio

import httpx
import pytest

from tests.unit.api.answers import problem_of
from tests.unit.api.conftest import Running
from tests.unit.api.tasks.test_idempotency import objects_of, sample_image

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def upload(client: httpx.AsyncClient, key: str, image: bytes = b"", **fields: str) -> httpx.Response:
    files = {"image": ("a.png", image or sample_image())}
    return await client.post("/v1/images", files=files, data=fields, headers={"Idempotency-Key": key})


async def test_the_same_upload_again_gets_the_first_image(app: Running, client: httpx.AsyncClient) -> None:
    first = await upload(client, "i-1", reference="order 7")
    objects = await objects_of(app)
    again = await upload(client, "i-1", reference="order 7")
    assert first.status_code == again.status_code == 201
    assert again.json() == first.json()
    assert again.headers["Location"] == first.headers["Location"]
    assert await objects_of(app) == objects


async def test_the_body_may_be_the_image(client: httpx.AsyncClient) -> None:
    headers = {"Idempotency-Key": "i-2"}
    answers = [await client.post("/v1/images", content=sample_image(), headers=headers) for _ in range(2)]
    assert len({answer.json()["image_id"] for answer in answers}) == 1


async def test_another_image_or_label_with_the_same_key(client: httpx.AsyncClient) -> None:
    await upload(client, "i-3")
    answers = [await upload(client, "i-3", sample_image(7)), await upload(client, "i-3", reference="order 8")]
    assert [problem_of(answer)[:2] for answer in answers] == [(422, "idempotency_key_reused")] * 2


async def test_many_at_once_make_one_image(app: Running, client: httpx.AsyncClient) -> None:
    before = await objects_of(app)
    answers = await asyncio.gather(*(upload(client, "i-4") for _ in range(20)))
    stored = {answer.json()["image_id"] for answer in answers if answer.status_code == 201}
    assert len(stored) == 1
    assert {answer.json()["code"] for answer in answers if answer.status_code != 201} <= {"request_in_progress"}
    assert len(await objects_of(app) - before) == 1


async def test_a_task_may_have_the_key_of_an_image(client: httpx.AsyncClient) -> None:
    image_id = (await upload(client, "i-5")).json()["image_id"]
    body = {"image_id": image_id, "filter": "sepia"}
    answer = await client.post("/v1/tasks", json=body, headers={"Idempotency-Key": "i-5"})
    assert answer.status_code == 202


async def test_a_deleted_image_frees_its_key(client: httpx.AsyncClient) -> None:
    first = (await upload(client, "i-6")).json()["image_id"]
    (await client.delete(f"/v1/images/{first}")).raise_for_status()
    assert (await upload(client, "i-6", sample_image(9))).json()["image_id"] != first
