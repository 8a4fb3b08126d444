"""Delivered images in the object store: rendered once, read from then on, gone with their source."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from uuid import UUID

import httpx
import pytest
import pytest_asyncio

from api.delivery.negotiation import Client
from api.delivery.stored import LEASE_SECONDS
from core.keys import DELIVERED
from storage import Storage
from tests.harness.eventually import eventually
from tests.unit.api.answers import problem_of
from tests.unit.api.conftest import Running
from tests.unit.api.delivery.delivery_client import GRAY, Owner, deliveries, owner_of, photo, renders
from worker.deliveries import DeliveryCollection

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(300)]
RunWith = Callable[..., AbstractAsyncContextManager[Running]]


@pytest_asyncio.fixture(loop_scope="session")
async def forgetful(run_with: RunWith) -> AsyncIterator[Running]:
    """Without outputs in memory: each request goes to the object store."""
    async with run_with(delivery_memory_bytes=0) as app:
        yield app


@pytest_asyncio.fixture(loop_scope="session")
async def owner(forgetful: Running) -> AsyncIterator[Owner]:
    async with await forgetful.new_client() as client:
        yield await owner_of(client)


async def keys_in(storage: Storage) -> list[str]:
    return [stored.key async for stored in storage.objects.list(DELIVERED)]


async def stored_keys(storage: Storage, *, count: int) -> list[str]:
    """Wait for the objects, which are stored after the answer, and for their rows."""

    async def are_stored() -> bool:
        keys = await keys_in(storage)
        known = await storage.delivered.known_ids({UUID(key.partition("/")[2]) for key in keys})
        return len(keys) == len(known) == count

    await eventually(are_stored)
    return await keys_in(storage)


async def fetch_stored(owner: Owner, url: str) -> httpx.Response:
    """Fetch until it is not rendered any more."""
    before = deliveries("stored")

    async def is_stored() -> bool:
        (await owner.client.get(url)).raise_for_status()
        return deliveries("stored") > before

    await eventually(is_stored)
    return await owner.client.get(url)


async def test_a_stored_image_is_never_rendered_again(owner: Owner) -> None:
    url, before = owner.url(owner.path(GRAY, "webp")), renders()
    first = await owner.client.get(url)
    assert first.status_code == 200, first.text
    again = await fetch_stored(owner, url)
    assert renders() - before == 1
    assert (again.content, again.headers["ETag"], again.headers["Content-Type"]) == (
        first.content,
        first.headers["ETag"],
        "image/webp",
    )


async def test_it_survives_a_restart(run_with: RunWith) -> None:
    async with run_with() as app, await app.new_client() as client:
        owner = await owner_of(client)
        url = owner.url(owner.path(GRAY))
        first = await client.get(url)
    async with run_with() as app, app.client() as browser:
        before = renders()
        assert (await browser.get(url)).content == first.content
        assert renders() == before


async def test_it_goes_with_its_source_and_with_its_owner(forgetful: Running, owner: Owner) -> None:
    storage = forgetful.resources.storage
    await owner.client.get(owner.url(owner.path(GRAY)))
    await stored_keys(storage, count=1)
    assert (await owner.client.delete(f"/v1/images/{owner.image_id}")).status_code == 204
    assert await keys_in(storage) == []
    other = await owner_of(owner.client)
    await owner.client.get(other.url(other.path(GRAY)))
    await stored_keys(storage, count=1)
    erasure = await owner.client.post("/v1/users/me/erasure", json={"password": "correct horse"})
    assert erasure.status_code == 204
    assert await keys_in(storage) == []


async def test_an_object_that_was_lost_is_rendered_again(forgetful: Running, owner: Owner) -> None:
    url = owner.url(owner.path(GRAY))
    first = await owner.client.get(url)
    (key,) = await stored_keys(forgetful.resources.storage, count=1)
    await forgetful.resources.storage.objects.delete([key])
    assert (await owner.client.get(url)).content == first.content
    assert await stored_keys(forgetful.resources.storage, count=1) != [key]


async def test_a_render_of_a_killed_process_is_taken_over_after_its_lease(forgetful: Running, owner: Owner) -> None:
    """Its row is there and its holder is not. Nobody waits longer than the lease; the answer is an image."""
    url, delivered = owner.url(owner.path(GRAY)), forgetful.resources.storage.delivered
    signature, _, path = url.removeprefix("/i/").partition("/")
    delivery = await forgetful.resources.deliveries.find(signature, path, Client())
    assert LEASE_SECONDS > 1
    dead = await delivered.claim(
        delivery.version, owner_id=delivery.source.owner_id, image_id=delivery.source.image_id, lease_seconds=1
    )
    waiting = asyncio.create_task(owner.client.get(url))
    await asyncio.sleep(0.3)
    assert not waiting.done(), "it waits for the lease"
    assert (await waiting).status_code == 200
    found = await delivered.find(delivery.version)
    assert found
    assert dead
    assert found.render_id != dead.render_id


async def test_a_failed_render_leaves_no_row_and_is_not_remembered(forgetful: Running, owner: Owner) -> None:
    damaged = (await owner.client.post("/v1/images", content=photo()[:-30])).json()["image_id"]
    url = owner.url(f"sepia/{damaged}.png")
    answers = await asyncio.gather(*(owner.client.get(url) for _ in range(5)))
    assert [problem_of(answer)[:2] for answer in answers] == [(422, "invalid_image")] * 5
    assert {answer.headers["Cache-Control"] for answer in answers} == {"no-store"}
    assert problem_of(await owner.client.get(url))[:2] == (422, "invalid_image")
    assert await keys_in(forgetful.resources.storage) == []


async def test_collected_images_are_rendered_again(forgetful: Running, owner: Owner) -> None:
    storage, url = forgetful.resources.storage, owner.url(owner.path(GRAY))
    first = await owner.client.get(url)
    await stored_keys(storage, count=1)
    assert await DeliveryCollection(storage=storage, max_bytes=2**30, unused_seconds=3600).run() == 0

    async def is_collected() -> bool:
        return await DeliveryCollection(storage=storage, max_bytes=0, unused_seconds=3600).run() == 1

    await eventually(is_collected)
    assert await keys_in(storage) == []
    assert (await owner.client.get(url)).content == first.content


async def test_nothing_is_stored_with_a_limit_of_0(run_with: RunWith) -> None:
    async with run_with(delivery_stored_bytes=0) as app, await app.new_client() as client:
        owner = await owner_of(client)
        assert (await client.get(owner.url(owner.path(GRAY)))).status_code == 200
        assert await keys_in(app.resources.storage) == []


async def test_images_of_the_same_bytes_are_stored_for_each_owner(forgetful: Running, owner: Owner) -> None:
    """Who knows the id of another's image gets nothing, stored or not."""
    (await owner.client.get(owner.url(owner.path(GRAY)))).raise_for_status()
    async with await forgetful.new_client() as client:
        other = await owner_of(client)
        stolen = await client.get(other.url(owner.path(GRAY)))
        assert problem_of(stolen)[:2] == (404, "not_found")
        before = renders()
        (await client.get(other.url(other.path(GRAY)))).raise_for_status()
        assert renders() == before + 1
    await stored_keys(forgetful.resources.storage, count=2)
