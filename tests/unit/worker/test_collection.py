"""Orphans are marked first, deleted days later, and held back when they are too many to be believed."""

import asyncio
import os
import subprocess
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from core.ids import uuid7
from core.keys import delivered_key, proxy_key, source_key
from core.settings import Settings
from storage import NewImage, OrphanReason, Period, Storage, StoredObject, open_storage
from tests.harness.commands import run_module
from worker.collection import MAX_DELETIONS, Collection, Watched

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path)


@pytest.fixture
async def storage(settings: Settings) -> AsyncIterator[Storage]:
    async with open_storage(settings) as storage:
        yield storage


@pytest.fixture
def collection(storage: Storage) -> Collection:
    """Everything is old enough to be marked, and nothing to be deleted."""
    return Collection(storage=storage, orphan_seconds=0.001, trash_seconds=3600)


async def put(storage: Storage, key: str = "") -> str:
    """An object without a row; returns its key."""
    key = key or source_key(uuid7())
    await storage.objects.put(key, b"data", media_type="image/png", file_name="a.png")
    return key


async def add_row(storage: Storage, key: str = "") -> None:
    """For the object with this key, or a newer one than all objects have."""
    key = key or await put(storage)
    user = await storage.users.create(f"{uuid4()}@example.com", password_hash="unused")
    image_id = UUID(key.partition("/")[2])
    image = NewImage(image_id=image_id, key=key, format="png", bytes=4, sha256="0" * 64)
    await storage.images.create(user.user_id, image)


async def put_orphans(storage: Storage, count: int) -> set[str]:
    """Older than the newest row."""
    keys = {await put(storage) for _ in range(count)}
    await asyncio.sleep(0.01)  # the database counts in milliseconds
    await add_row(storage)
    return keys


async def keys_in(storage: Storage) -> set[str]:
    return {stored.key async for stored in storage.objects.list("sources/")}


async def test_an_orphan_is_marked_first_and_deleted_later(storage: Storage, collection: Collection) -> None:
    orphans = await put_orphans(storage, 2)
    assert await collection.run() == 0
    assert orphans < await keys_in(storage)
    marked = await storage.orphans.list(limit=10)
    assert {(orphan.key, orphan.reason) for orphan in marked} == {(key, OrphanReason.NO_ROW) for key in orphans}
    await asyncio.sleep(0.05)
    assert await replace(collection, trash_seconds=0.01).run() == 2
    assert orphans.isdisjoint(await keys_in(storage))
    assert await storage.orphans.list(limit=10) == []


async def test_a_proxy_is_an_orphan_where_its_image_is_gone(storage: Storage, collection: Collection) -> None:
    kept, orphan = uuid7(), await put(storage, proxy_key(uuid7()))
    await put(storage, proxy_key(kept))
    await asyncio.sleep(0.01)
    await add_row(storage, await put(storage, source_key(kept)))
    await collection.run()
    assert [marked.key for marked in await storage.orphans.list(limit=10)] == [orphan]


async def test_a_delivered_image_is_an_orphan_unless_its_render_is_known(
    storage: Storage, collection: Collection
) -> None:
    """Also while it is under way: its row comes before its object. So do those of images that are gone."""
    user = await storage.users.create(f"{uuid4()}@example.com", password_hash="unused")
    claimed = await storage.delivered.claim("a" * 64, owner_id=user.user_id, image_id=None, lease_seconds=3600)
    assert claimed
    rendering = claimed.render_id
    orphan = await put(storage, delivered_key(uuid7()))
    await put(storage, delivered_key(rendering))
    await asyncio.sleep(0.01)
    await add_row(storage)
    await collection.run()
    assert [marked.key for marked in await storage.orphans.list(limit=10)] == [orphan]
    await storage.delivered.forget(rendering)
    await collection.run()
    assert {marked.key for marked in await storage.orphans.list(limit=10)} == {orphan, delivered_key(rendering)}


async def test_what_is_found_again_keeps_its_time(storage: Storage, collection: Collection) -> None:
    await put_orphans(storage, 1)
    await collection.run()
    (first,) = await storage.orphans.list(limit=10)
    await asyncio.sleep(0.01)
    await collection.run()
    assert await storage.orphans.list(limit=10) == [first]


async def test_an_orphan_that_gets_a_row_is_unmarked_and_stays(storage: Storage, collection: Collection) -> None:
    (key,) = await put_orphans(storage, 1)
    await collection.run()
    await add_row(storage, key)
    await asyncio.sleep(0.05)
    assert await replace(collection, trash_seconds=0.01).run() == 0
    assert key in await keys_in(storage)
    assert await storage.orphans.list(limit=10) == []


async def test_what_is_newer_than_the_newest_row_is_no_orphan_yet(storage: Storage, collection: Collection) -> None:
    await add_row(storage)
    await asyncio.sleep(0.05)
    key = await put(storage)
    await asyncio.sleep(0.05)
    await collection.run()
    assert await storage.orphans.list(limit=10) == []
    await add_row(storage)
    await collection.run()
    assert [orphan.key for orphan in await storage.orphans.list(limit=10)] == [key]


async def test_a_database_without_any_row_judges_nothing(storage: Storage, collection: Collection) -> None:
    await put(storage)
    await asyncio.sleep(0.05)
    assert await collection.run() == 0
    assert await storage.orphans.list(limit=10) == []


def test_nothing_of_an_unwatched_period_is_judged() -> None:
    gap = Period(began_at=NOW - timedelta(hours=2), ended_at=NOW - timedelta(hours=1))
    watched = Watched(before=NOW, newest_row_at=NOW, gaps=[gap])
    hours = {0.5: True, 1: False, 1.5: False, 2: False, 2.5: True, -1: False}
    objects = {StoredObject(key="a", modified_at=NOW - timedelta(hours=each), bytes=1): each for each in hours}
    assert {hours: watched.covers(stored) for stored, hours in objects.items()} == hours


async def due(storage: Storage, collection: Collection, count: int) -> Collection:
    """Mark as many orphans; returns a collection for which they are due."""
    await put_orphans(storage, count)
    await collection.run()
    await asyncio.sleep(0.05)
    return replace(collection, trash_seconds=0.01)


async def test_as_many_as_the_brake_allows_go(storage: Storage, collection: Collection) -> None:
    assert await (await due(storage, collection, MAX_DELETIONS)).run() == MAX_DELETIONS


async def test_one_more_and_none_goes_until_a_person_allows_it_once(storage: Storage, collection: Collection) -> None:
    """Holds promise 29."""
    collection = await due(storage, collection, MAX_DELETIONS + 1)
    for _ in range(2):
        assert await collection.run() == 0
        assert (await storage.orphans.state()).held == MAX_DELETIONS + 1
    await storage.orphans.allow(MAX_DELETIONS + 1)
    assert await collection.run() == MAX_DELETIONS + 1
    assert (await storage.orphans.state()).held == 0
    assert await (await due(storage, replace(collection, trash_seconds=3600), MAX_DELETIONS + 1)).run() == 0


async def test_no_more_go_than_are_allowed(storage: Storage, collection: Collection) -> None:
    collection = await due(storage, collection, 40)
    await storage.orphans.allow(5)
    assert await collection.run() == 5
    assert (await storage.orphans.state()).held == 35


async def test_an_allowance_ends_with_the_next_collection(storage: Storage, collection: Collection) -> None:
    """Whoever allows some orphans has not seen those of next month."""
    await put_orphans(storage, 1)
    await storage.orphans.allow(100)
    await collection.run()
    assert (await storage.orphans.state()).allowed == 0


async def test_of_many_objects_one_percent_may_go(storage: Storage, settings: Settings) -> None:
    """27 of 2,700; the others are too new to be judged."""
    sources, hour_ago = settings.data_dir / "objects" / "sources", time.time() - 3600
    sources.mkdir(exist_ok=True)
    for number in range(2700):
        path = sources / str(uuid7())
        path.touch()
        if number < 27:
            os.utime(path, (hour_ago, hour_ago))
    await add_row(storage)
    collection = Collection(storage=storage, orphan_seconds=1800, trash_seconds=0.01)
    first = await collection.run()
    await asyncio.sleep(0.05)
    assert first + await collection.run() == 27


def orphans_command(settings: Settings, *arguments: str) -> subprocess.CompletedProcess[str]:
    own = {"DARKROOM_DATA_DIR": str(settings.data_dir), "DARKROOM_ORPHAN_TRASH_SECONDS": "0.01"}
    return run_module("storage.orphans", *arguments, settings=own)


async def test_a_person_sees_what_is_held_and_lets_it_go(
    storage: Storage, settings: Settings, collection: Collection
) -> None:
    """Beside the service, which holds the data directory."""
    collection = await due(storage, collection, 30)
    await collection.run()
    listed = await asyncio.to_thread(orphans_command, settings)
    assert listed.returncode == 0, listed.stderr
    assert listed.stdout.count("no image, task or delivered image has this id") == 30
    assert "30 are held back" in listed.stdout
    allowed = await asyncio.to_thread(orphans_command, settings, "--allow", "30")
    assert allowed.returncode == 0, allowed.stderr
    assert await collection.run() == 30


async def test_a_count_that_is_none_is_rejected(settings: Settings) -> None:
    rejected = await asyncio.to_thread(orphans_command, settings, "--allow", "all")
    assert (rejected.returncode, "'all'" in rejected.stderr) == (2, True)
