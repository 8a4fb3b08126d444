"""API keys: found by their token, counted, deleted with their owner."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from core.errors import QuotaExceeded, Unauthenticated
from core.ids import uuid7
from storage.sql.accounts.api_keys import MAX_KEYS, ApiKeyRepository, Scope
from storage.sql.accounts.users import UserRepository
from storage.sql.database import Database
from tests.contract.tasks_in_states import Owner

READ = frozenset({Scope.READ})


@pytest.fixture
def keys(database: Database) -> ApiKeyRepository:
    return ApiKeyRepository(database)


async def test_a_key_is_found_by_its_token_which_is_not_stored(
    keys: ApiKeyRepository, database: Database, owner: Owner
) -> None:
    expires_at = datetime.now(UTC) + timedelta(days=1)
    new = await keys.create(owner.owner_id, name="CI", scopes=[Scope.WRITE, Scope.READ], expires_at=expires_at)
    assert await keys.by_token(new.token) == new.key
    assert new.key.scopes == {Scope.READ, Scope.WRITE}
    assert new.key.expires_at == expires_at
    assert new.token.startswith(new.key.prefix)
    assert await keys.by_token(new.token[:-1] + "?") is None
    async with database.reading() as connection:
        (row,) = (await connection.execute(text("SELECT * FROM api_keys"))).all()
    assert new.token not in str(tuple(row))
    assert new.token not in repr(new)


async def test_keys_are_listed_and_deleted_by_their_owner_only(
    keys: ApiKeyRepository, owner: Owner, other_user_id: UUID
) -> None:
    mine = [(await keys.create(owner.owner_id, name=name, scopes=READ)).key for name in "abc"]
    theirs = await keys.create(other_user_id, name="theirs", scopes=READ)
    assert await keys.list(owner.owner_id) == mine
    assert not await keys.delete(theirs.key.key_id, owner_id=owner.owner_id)
    assert await keys.delete(mine[0].key_id, owner_id=owner.owner_id)
    assert not await keys.delete(mine[0].key_id, owner_id=owner.owner_id)
    assert set(await keys.delete_all(owner.owner_id)) == {mine[1].key_id, mine[2].key_id}
    assert await keys.by_token(theirs.token) == theirs.key


async def test_their_number_is_bounded_also_for_requests_at_once(keys: ApiKeyRepository, owner: Owner) -> None:
    for _ in range(MAX_KEYS - 1):
        await keys.create(owner.owner_id, name="many", scopes=READ)
    outcomes = await asyncio.gather(
        *(keys.create(owner.owner_id, name="last", scopes=READ) for _ in range(4)), return_exceptions=True
    )
    assert sorted(isinstance(outcome, QuotaExceeded) for outcome in outcomes) == [False, True, True, True]
    assert len(await keys.list(owner.owner_id)) == MAX_KEYS


async def test_use_is_recorded_once_in_an_interval(keys: ApiKeyRepository, owner: Owner) -> None:
    new = await keys.create(owner.owner_id, name="CI", scopes=READ)
    assert new.key.last_used_at is None
    await keys.mark_used(new.key.key_id, every_seconds=3600)
    (first,) = await keys.list(owner.owner_id)
    await keys.mark_used(new.key.key_id, every_seconds=3600)
    (second,) = await keys.list(owner.owner_id)
    assert first.last_used_at is not None
    assert second == first
    await keys.mark_used(new.key.key_id, every_seconds=0)
    (third,) = await keys.list(owner.owner_id)
    assert third.last_used_at is not None
    assert third.last_used_at > first.last_used_at


async def test_they_are_deleted_with_the_account(keys: ApiKeyRepository, users: UserRepository, owner: Owner) -> None:
    new = await keys.create(owner.owner_id, name="CI", scopes=READ)
    assert await users.erase_some(owner.owner_id) is None
    assert await keys.by_token(new.token) is None
    with pytest.raises(Unauthenticated):
        await keys.create(uuid7(), name="of nobody", scopes=READ)
