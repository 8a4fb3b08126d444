"""Applies what an operator did with accounts: their command cannot reach sessions and quotas in memory."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from uuid import UUID

from api.quota_overrides import QuotaOverrides
from core.errors import DependencyUnavailable
from core.logs import audit_log
from storage import AccessChange, AccessChangeKind, AccountAdministration, SessionStore

_INTERVAL_SECONDS = 1.0
_EVER = datetime(2020, 1, 1, tzinfo=UTC)
_LATE = timedelta(seconds=60)  # a change may be committed later than one with a later time
_CLOCKS_DIFFER = timedelta(seconds=30)  # sessions have the time of the API, changes that of the database
_log = audit_log(__name__)


class AccessChangeFollower:
    """Applies each change once. After a start, changes of any age: nobody may have been there to apply them."""

    def __init__(self, accounts: AccountAdministration, sessions: SessionStore, overrides: QuotaOverrides) -> None:
        self._accounts = accounts
        self._overrides = overrides
        self._sessions = sessions
        self._since = _EVER
        self._applied = frozenset[UUID]()
        self._is_first = True  # the changes of the first call may be old, and were logged then

    async def follow(self) -> None:
        while True:
            with suppress(DependencyUnavailable):
                await self.apply_new()
            await asyncio.sleep(_INTERVAL_SECONDS)

    async def apply_new(self) -> None:
        """Raises DependencyUnavailable; what was not applied is applied by the next call."""
        changes = await self._accounts.changes_since(self._since)
        new = [change for change in changes if change.change_id not in self._applied]
        if self._is_first or any(change.kind is AccessChangeKind.QUOTAS for change in new):
            await self._overrides.load()
        for change in new:
            await self._apply(change)
        if changes:
            self._applied = frozenset(change.change_id for change in changes)
            self._since = changes[-1].created_at - _LATE
        self._is_first = False

    async def _apply(self, change: AccessChange) -> None:
        ended = await self._end_sessions(change) if change.kind.ends_sessions else 0
        if ended or not self._is_first:
            quotas = self._overrides.of(change.user_id).given if change.kind is AccessChangeKind.QUOTAS else {}
            _log.info("account_changed", user_id=str(change.user_id), kind=change.kind, ended_sessions=ended, **quotas)

    async def _end_sessions(self, change: AccessChange) -> int:
        ended = 0
        for session in await self._sessions.list(change.user_id):
            if session.created_at < change.created_at + _CLOCKS_DIFFER:
                ended += await self._sessions.revoke(change.user_id, session.session_id)
        return ended


@asynccontextmanager
async def following_access_changes(
    accounts: AccountAdministration, sessions: SessionStore, overrides: QuotaOverrides
) -> AsyncIterator[None]:
    """Apply changes as long as the block runs."""
    follower = AccessChangeFollower(accounts, sessions, overrides)
    with suppress(DependencyUnavailable):  # it goes on trying
        await follower.apply_new()
    following = asyncio.create_task(follower.follow())
    try:
        yield
    finally:
        following.cancel()
        with suppress(asyncio.CancelledError):
            await following
