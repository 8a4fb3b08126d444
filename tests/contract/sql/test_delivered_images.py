"""Delivered images as rows: one render for each version, whose lease ends, and what is collected."""

import asyncio
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from core.errors import NotFound
from core.ids import uuid7
from core.keys import delivered_key
from storage.sql.accounts.users import UserRepository
from storage.sql.database import Database
from storage.sql.delivered_images import DeliveredImageRepository
from storage.sql.images import ImageRepository
from tests.contract.tasks_in_states import LONG, Owner, new_image

VERSION = "a" * 64
ENDED = -1.0  # a lease that has expired


@pytest.fixture
def delivered(database: Database) -> DeliveredImageRepository:
    return DeliveredImageRepository(database)


@pytest.fixture
async def image_id(images: ImageRepository, owner: Owner) -> UUID:
    return (await images.create(owner.owner_id, new_image())).image_id


@pytest.fixture
def ids(owner: Owner, image_id: UUID) -> dict[str, Any]:
    return {"owner_id": owner.owner_id, "image_id": image_id, "lease_seconds": LONG}


async def claim(delivered: DeliveredImageRepository, version: str, **ids: Any) -> UUID | None:  # noqa: ANN401 - of the fixture
    claimed = await delivered.claim(version, **ids)
    return claimed.render_id if claimed else None


async def store(delivered: DeliveredImageRepository, version: str, ids: dict[str, Any], *, size: int = 10) -> UUID:
    render_id = await claim(delivered, version, **ids)
    assert render_id
    assert await delivered.finish(render_id, output_format="png", output_bytes=size)
    return render_id


async def test_of_many_who_claim_at_once_one_renders(delivered: DeliveredImageRepository, ids: dict[str, Any]) -> None:
    assert await delivered.find(VERSION) is None
    claims = await asyncio.gather(*(claim(delivered, VERSION, **ids) for _ in range(20)))
    (render_id,) = filter(None, claims)
    under_way = await delivered.find(VERSION)
    assert under_way
    assert (under_way.render_id, under_way.format) == (render_id, None)
    assert await delivered.renew(render_id, lease_seconds=LONG)
    assert await delivered.finish(render_id, output_format="webp", output_bytes=7)
    stored = await delivered.find(VERSION)
    assert stored
    assert (stored.key, stored.format, stored.bytes) == (delivered_key(render_id), "webp", 7)
    assert await claim(delivered, VERSION, **ids) is None
    assert not await delivered.renew(render_id, lease_seconds=LONG), "it is finished"


async def test_after_its_lease_a_render_changes_nothing(
    delivered: DeliveredImageRepository, ids: dict[str, Any]
) -> None:
    first = await claim(delivered, VERSION, **{**ids, "lease_seconds": ENDED})
    assert first
    second = await claim(delivered, VERSION, **ids)
    assert second not in {None, first}
    assert not await delivered.renew(first, lease_seconds=LONG)
    assert not await delivered.finish(first, output_format="png", output_bytes=1)
    await delivered.forget(first)
    found = await delivered.find(VERSION)
    assert found
    assert found.render_id == second


async def test_a_failed_render_makes_room_at_once(delivered: DeliveredImageRepository, ids: dict[str, Any]) -> None:
    render_id = await claim(delivered, VERSION, **ids)
    assert render_id
    await delivered.forget(render_id)
    assert await claim(delivered, VERSION, **ids)


async def test_what_is_deleted_is_deleted_as_delivered_too(
    delivered: DeliveredImageRepository, images: ImageRepository, owner: Owner, ids: dict[str, Any]
) -> None:
    """Also while it is being rendered: the render finds that out, and an image that is gone is not rendered again."""
    stored, under_way = await store(delivered, VERSION, ids), await claim(delivered, "b" * 64, **ids)
    assert under_way
    keys = await images.delete(ids["image_id"], owner_id=owner.owner_id)
    assert keys
    assert set(keys) > {delivered_key(stored), delivered_key(under_way)}
    assert await delivered.known_ids({stored, under_way}) == set()
    assert not await delivered.finish(under_way, output_format="png", output_bytes=1)
    with pytest.raises(NotFound):
        await claim(delivered, VERSION, **ids)


async def test_an_erased_user_leaves_nothing(
    delivered: DeliveredImageRepository, users: UserRepository, owner: Owner, ids: dict[str, Any]
) -> None:
    renders = [await store(delivered, VERSION, ids), await store(delivered, "b" * 64, {**ids, "image_id": None})]
    keys: list[str] = []
    while (some := await users.erase_some(owner.owner_id, limit=1)) is not None:
        keys += some
    assert set(keys) > {delivered_key(render_id) for render_id in renders}
    assert await delivered.known_ids(set(renders)) == set()


async def test_unused_ones_are_removed(
    delivered: DeliveredImageRepository, database: Database, ids: dict[str, Any]
) -> None:
    old, used, new = [await store(delivered, name * 64, ids) for name in "abc"]
    async with database.writing() as connection:
        await connection.execute(text("UPDATE delivered_images SET used_at = '2020-01-01T00:00:00+00:00'"))
    await delivered.mark_used(used)
    await delivered.mark_used(new)
    assert await delivered.remove_unused(unused_seconds=LONG, limit=10) == [delivered_key(old)]
    assert await delivered.remove_unused(unused_seconds=LONG, limit=10) == []
    assert await delivered.known_ids({old, used, new}) == {used, new}


async def test_the_least_recently_used_go_until_the_rest_fits(
    delivered: DeliveredImageRepository, ids: dict[str, Any]
) -> None:
    renders = [await store(delivered, name * 64, ids, size=10) for name in "abcd"]
    under_way = await claim(delivered, "e" * 64, **ids)
    await asyncio.sleep(0.01)  # the database counts in milliseconds
    await delivered.mark_used(renders[0])
    assert await delivered.remove_excess(max_bytes=40, limit=10) == []
    removed = await delivered.remove_excess(max_bytes=25, limit=10)
    assert set(removed) < {delivered_key(render_id) for render_id in renders[1:]}
    assert len(removed) == 2
    assert await delivered.remove_excess(max_bytes=0, limit=1) == [
        key for key in map(delivered_key, renders[1:]) if key not in removed
    ]
    assert await delivered.remove_excess(max_bytes=0, limit=10) == [delivered_key(renders[0])]
    assert await delivered.known_ids({*renders, under_way or uuid7()}) == {under_way}
