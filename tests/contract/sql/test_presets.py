"""Presets: each change is a version of its own, which never changes and whose number is not used again."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import pytest

from core.errors import QuotaExceeded, Unauthenticated
from core.ids import uuid7
from storage.sql.accounts.presets import Preset, PresetRepository
from storage.sql.accounts.users import UserRepository
from storage.sql.database import Database
from tests.contract.tasks_in_states import Owner

SEPIA: list[dict[str, Any]] = [{"filter": "sepia", "amount": 80.0}]
INVERT: list[dict[str, Any]] = [{"filter": "invert"}]
Put = Callable[..., Awaitable[Preset]]


@pytest.fixture
def presets(database: Database) -> PresetRepository:
    return PresetRepository(database)


@pytest.fixture
def put(presets: PresetRepository, owner: Owner) -> Put:
    return putting(presets, owner.owner_id)


def putting(presets: PresetRepository, owner_id: UUID) -> Put:
    async def put(name: str, *, pipeline: list[dict[str, Any]]) -> Preset:
        return (await presets.put(owner_id, name, pipeline=pipeline, output_options={"format": "webp"})).preset

    return put


async def test_each_change_is_a_version(presets: PresetRepository, owner: Owner, put: Put) -> None:
    first = await put("warm", pipeline=SEPIA)
    second = await put("warm", pipeline=INVERT)
    assert (first.version, second.version, second.reference) == (1, 2, "@warm.v2")
    assert await put("warm", pipeline=INVERT) == second, "the same again is no change"
    assert await presets.get(owner.owner_id, "warm") == second
    assert await presets.get(owner.owner_id, "warm", version=1) == first
    assert await presets.get(owner.owner_id, "warm", version=3) is None
    assert (await put("warm", pipeline=SEPIA)).version == 3


async def test_whether_the_name_was_free_is_returned(presets: PresetRepository, owner: Owner) -> None:
    async def is_new() -> bool:
        return (await presets.put(owner.owner_id, "warm", pipeline=SEPIA, output_options={})).is_new

    assert [await is_new(), await is_new()] == [True, False]
    await presets.delete(owner.owner_id, "warm")
    assert await is_new()


async def test_a_deleted_preset_is_gone_and_its_numbers_are_not_used_again(
    presets: PresetRepository, owner: Owner, put: Put
) -> None:
    for pipeline in (SEPIA, INVERT):
        await put("warm", pipeline=pipeline)
    assert await presets.delete(owner.owner_id, "warm")
    assert not await presets.delete(owner.owner_id, "warm")
    assert [await presets.get(owner.owner_id, "warm", version=version) for version in (None, 1, 2)] == [None] * 3
    assert await presets.list(owner.owner_id, limit=10) == []
    assert (await put("warm", pipeline=INVERT)).version == 3
    assert await presets.get(owner.owner_id, "warm", version=1) is None


async def test_they_are_listed_in_pages(presets: PresetRepository, owner: Owner, put: Put) -> None:
    made = [await put(name, pipeline=SEPIA) for name in ("a", "b", "c")]
    newest = await put("a", pipeline=INVERT)
    first = await presets.list(owner.owner_id, limit=2)
    second = await presets.list(owner.owner_id, limit=2, before=first[-1].preset_id)
    assert first + second == [made[2], made[1], newest]


async def test_names_belong_to_their_owner(
    presets: PresetRepository, owner: Owner, users: UserRepository, put: Put
) -> None:
    other_id = (await users.create("other@example.com", password_hash="unused")).user_id
    mine = await put("warm", pipeline=SEPIA)
    assert await presets.get(other_id, "warm") is None
    assert not await presets.delete(other_id, "warm")
    theirs = await putting(presets, other_id)("warm", pipeline=INVERT)
    assert theirs.version == 1
    assert await presets.get(owner.owner_id, "warm") == mine


async def test_changes_at_once_are_versions_in_a_row(put: Put) -> None:
    pipelines = [[{"filter": "sepia", "amount": float(amount)}] for amount in range(8)]
    saved = await asyncio.gather(*(put("warm", pipeline=pipeline) for pipeline in pipelines))
    assert sorted(preset.version for preset in saved) == list(range(1, 9))
    assert [preset.pipeline for preset in saved] == pipelines


async def test_names_and_versions_are_bounded(database: Database, owner: Owner) -> None:
    presets = PresetRepository(database, max_names=2, max_versions=3)
    put = putting(presets, owner.owner_id)
    for name in ("a", "b"):
        await put(name, pipeline=SEPIA)
    with pytest.raises(QuotaExceeded, match="2 names"):
        await put("c", pipeline=SEPIA)
    await put("a", pipeline=INVERT)
    with pytest.raises(QuotaExceeded, match="3 versions"):
        await put("b", pipeline=INVERT)
    await presets.delete(owner.owner_id, "a")
    assert (await put("b", pipeline=INVERT)).version == 2, "deletion makes room for versions"
    with pytest.raises(QuotaExceeded, match="2 names"):
        await put("c", pipeline=SEPIA)


async def test_they_are_deleted_with_the_account(
    presets: PresetRepository, users: UserRepository, owner: Owner, put: Put
) -> None:
    await put("warm", pipeline=SEPIA)
    assert await users.erase_some(owner.owner_id) is None
    assert await presets.get(owner.owner_id, "warm") is None
    with pytest.raises(Unauthenticated):
        await putting(presets, uuid7())("warm", pipeline=SEPIA)
