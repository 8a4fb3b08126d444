"""API keys: made, verified at each request, and revoked in every process (ADR 36)."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from uuid import UUID

from api.keys.cache import KeyCache
from core.errors import DependencyUnavailable, TooManyRequests
from core.logs import audit_log
from storage import ApiKey, ApiKeyRepository, Limit, LimitStore, Notifications

_TOKEN = re.compile(r"dk_[A-Za-z0-9_-]{43}")  # the token of a session has no more than the 43 characters
_USED_EVERY_SECONDS = 60
_log = audit_log(__name__)


def is_api_key(token: str) -> bool:
    """Return whether it has the form of one."""
    return _TOKEN.fullmatch(token) is not None


class ApiKeys:
    def __init__(
        self,
        keys: ApiKeyRepository,
        revocations: Notifications,
        limits: LimitStore,
        *,
        requests_per_minute: int,
        cached_seconds: float,
    ) -> None:
        self._keys = keys
        self._revocations = revocations
        self._limits = limits
        self._rate = Limit(name="api_key_requests", times=requests_per_minute, window_seconds=60)
        self.cache = KeyCache(keys, seconds=cached_seconds)

    async def authenticate(self, token: str) -> ApiKey | None:
        """Return the key and count the request; None if it is unknown, expired or revoked. Raises TooManyRequests."""
        key = await self._valid(token)
        if key is None:
            return None
        wait_seconds = await self._limits.hit(self._rate, str(key.key_id))
        if wait_seconds:
            detail = f"Rate limit exceeded: at most {self._rate.times} requests a minute with one API key. "
            raise TooManyRequests(f"{detail}Retry in {wait_seconds} seconds.", retry_after_seconds=wait_seconds)
        await self._mark_used(key)
        return key

    async def is_valid(self, token: str) -> bool:
        """Return whether the key still exists and has not expired, without counting a request."""
        return await self._valid(token) is not None

    async def revoke(self, key_id: UUID, *, owner_id: UUID) -> bool:
        """Return False if the user has no such key."""
        deleted = await self._keys.delete(key_id, owner_id=owner_id)
        if deleted:
            self._notify(key_id)
        return deleted

    async def revoke_all(self, owner_id: UUID) -> None:
        for key_id in await self._keys.delete_all(owner_id):
            self._notify(key_id)

    def _notify(self, key_id: UUID) -> None:
        self._revocations.notify(key_id)
        _log.info("api_key_revoked", key_id=str(key_id))

    async def _valid(self, token: str) -> ApiKey | None:
        key = await self.cache.get(token)
        return key if key and (key.expires_at is None or key.expires_at > datetime.now(UTC)) else None

    async def _mark_used(self, key: ApiKey) -> None:
        """Write at most once a minute. The time is for people: without it, the request is answered as well."""
        last, interval = key.last_used_at, timedelta(seconds=_USED_EVERY_SECONDS)
        if last is None or datetime.now(UTC) - last > interval:
            with suppress(DependencyUnavailable):
                await self._keys.mark_used(key.key_id, every_seconds=_USED_EVERY_SECONDS)


@asynccontextmanager
async def open_api_keys(
    keys: ApiKeyRepository,
    revocations: Notifications,
    limits: LimitStore,
    *,
    requests_per_minute: int,
    cached_seconds: float = 1.0,
) -> AsyncIterator[ApiKeys]:
    """Open the keys. One that another process revokes is rejected when its notification arrives.

    If the notification is lost, it is rejected after `cached_seconds`.
    """
    service = ApiKeys(keys, revocations, limits, requests_per_minute=requests_per_minute, cached_seconds=cached_seconds)
    async with revocations.subscribed(service.cache.forget):
        yield service
