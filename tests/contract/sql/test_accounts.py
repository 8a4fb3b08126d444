"""What an operator does with accounts, on both databases."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from core.errors import EmailTaken, NotFound
from storage.sql.accounts.administration import AccessChangeKind, AccountAdministration
from storage.sql.accounts.delivery_keys import DeliveryKeyRepository
from storage.sql.accounts.quotas import UserQuotas
from storage.sql.accounts.users import UserRepository
from storage.sql.database import Database
from storage.sql.images import ImageRepository
from tests.contract.tasks_in_states import new_image

EMAIL = "somebody@example.com"
EVER = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
async def accounts(database: Database) -> AccountAdministration:
    accounts = AccountAdministration(database)
    await accounts.purge_changes(retention_seconds=-3600)  # those of other tests
    return accounts


@pytest.fixture
async def user_id(accounts: AccountAdministration) -> UUID:
    return await accounts.add(EMAIL, password_hash="unused")


async def kinds(accounts: AccountAdministration) -> list[str]:
    return [change.kind.value for change in await accounts.changes_since(EVER)]


async def test_an_account_is_added_once(accounts: AccountAdministration, user_id: UUID, users: UserRepository) -> None:
    found = await users.by_email(EMAIL)
    assert found
    assert found.user_id == user_id
    with pytest.raises(EmailTaken):
        await accounts.add(EMAIL.upper(), password_hash="unused")
    assert await kinds(accounts) == ["added"]


async def test_quotas_of_a_user(accounts: AccountAdministration, user_id: UUID) -> None:
    assert await accounts.set_quotas(EMAIL) == UserQuotas()
    assert await accounts.quotas() == {}
    await accounts.set_quotas(EMAIL, open_tasks=5, uploads=2)
    assert await accounts.set_quotas(EMAIL, open_tasks=None, previews_per_minute=9) == UserQuotas(
        uploads=2, previews_per_minute=9
    )
    assert await accounts.quotas() == {user_id: UserQuotas(uploads=2, previews_per_minute=9)}
    assert [each.quotas.given for each in await accounts.list(limit=10)] == [{"uploads": 2, "previews_per_minute": 9}]
    assert await kinds(accounts) == ["added", "quotas", "quotas"]
    with pytest.raises(NotFound):
        await accounts.set_quotas("nobody@example.com", uploads=1)


async def test_quotas_go_with_the_account(
    accounts: AccountAdministration, users: UserRepository, user_id: UUID
) -> None:
    await accounts.set_quotas(EMAIL, uploads=2)
    while await users.erase_some(user_id) is not None:
        pass
    assert await accounts.quotas() == {}


async def test_a_disabled_user_delivers_nothing(
    database: Database, accounts: AccountAdministration, images: ImageRepository, user_id: UUID
) -> None:
    keys = DeliveryKeyRepository(database)
    key, image = await keys.create(user_id), await images.create(user_id, new_image())
    await accounts.disable(EMAIL)
    assert (await keys.get(key.key_id), await images.owner_of(image.image_id)) == (None, None)
    await accounts.enable(EMAIL)
    assert (await keys.get(key.key_id), await images.owner_of(image.image_id)) == (key, user_id)


@pytest.mark.usefixtures("user_id")
async def test_old_changes_are_deleted(accounts: AccountAdministration) -> None:
    await accounts.disable(EMAIL)
    assert await accounts.purge_changes(retention_seconds=3600) == 0
    assert await kinds(accounts) == ["added", "disabled"]
    assert await accounts.purge_changes(retention_seconds=-3600) == 2
    assert await kinds(accounts) == []


def test_what_ends_sessions() -> None:
    assert {kind for kind in AccessChangeKind if not kind.ends_sessions} == {"added", "enabled", "quotas"}
