"""Keeps API keys for a moment, so that a client's requests in a row cost one query."""

import time
from collections import OrderedDict
from uuid import UUID

from api.accounts.login_throttle import digest_of
from storage import ApiKey, ApiKeyRepository


class KeyCache:
    """Reads keys. One that was revoked is dropped when `forget` is called, and else after `seconds`."""

    def __init__(self, keys: ApiKeyRepository, *, seconds: float, max_keys: int = 1_000) -> None:
        self._keys = keys
        self._seconds = seconds
        self._max_keys = max_keys
        self._read: OrderedDict[str, tuple[float, ApiKey]] = OrderedDict()  # by digest of the token, oldest first
        self._revocations = 0

    async def get(self, token: str) -> ApiKey | None:
        """Return the key, though it may have expired; None if it is unknown or was revoked."""
        at, digest, revocations = time.monotonic(), digest_of(token), self._revocations
        read_at, key = self._read.get(digest, (0.0, None))
        if key and at - read_at < self._seconds:
            return key
        key = await self._keys.by_token(token)
        # A revocation may have been notified while the row was read: what was read then may be older.
        if key and revocations == self._revocations:
            self._keep(digest, at, key)
        return key

    def forget(self, key_id: UUID) -> None:
        """Drop a revoked key."""
        self._revocations += 1
        for digest in [digest for digest, (_, key) in self._read.items() if key.key_id == key_id]:
            del self._read[digest]

    def _keep(self, digest: str, at: float, key: ApiKey) -> None:
        self._read[digest] = at, key
        self._read.move_to_end(digest)
        if len(self._read) > self._max_keys:
            self._read.popitem(last=False)
