from pathlib import Path

import pytest

from api.accounts.access_changes import AccessChangeFollower
from api.quota_overrides import QuotaOverrides
from core.errors import NotFound
from core.settings import Settings
from storage import Storage, open_storage

EMAIL = "owner@example.com"


async def test_a_change_from_before_the_start_is_applied_once(tmp_path: Path) -> None:
    async with open_storage(Settings(data_dir=tmp_path)) as storage:
        user = await storage.users.create(EMAIL, password_hash="old")
        new = await storage.sessions.create(user.user_id, label="")
        await storage.accounts.reset_password(EMAIL, password_hash="new")
        follower = AccessChangeFollower(storage.accounts, storage.sessions, QuotaOverrides(storage.accounts))

        await follower.apply_new()
        assert await storage.sessions.authenticate(new.token) is None
        again = await storage.sessions.create(user.user_id, label="")
        await follower.apply_new()
        assert await storage.sessions.authenticate(again.token)

        await storage.accounts.disable(EMAIL)
        await follower.apply_new()
        assert await storage.sessions.authenticate(again.token) is None

        await storage.accounts.enable(EMAIL)
        at_once = await storage.sessions.create(user.user_id, label="")
        await follower.apply_new()
        assert await storage.sessions.authenticate(at_once.token)


async def test_others_keep_their_sessions(tmp_path: Path) -> None:
    async with open_storage(Settings(data_dir=tmp_path)) as storage:
        await storage.users.create(EMAIL, password_hash="old")
        other = await storage.users.create("other@example.com", password_hash="old")
        new = await storage.sessions.create(other.user_id, label="")
        await storage.accounts.disable(EMAIL)
        await AccessChangeFollower(storage.accounts, storage.sessions, QuotaOverrides(storage.accounts)).apply_new()
        assert await storage.sessions.authenticate(new.token)


async def test_an_unknown_account(tmp_path: Path) -> None:
    async with open_storage(Settings(data_dir=tmp_path)) as storage:
        for change in (storage.accounts.disable, storage.accounts.enable, storage.accounts.begin_deletion):
            with pytest.raises(NotFound, match=r"no account with the email address nobody@example\.com"):
                await change("nobody@example.com")
        assert await _listed(storage) == []


async def _listed(storage: Storage) -> list[str]:
    return [account.email for account in await storage.accounts.list(limit=10)]
