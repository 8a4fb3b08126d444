"""Devices that users have signed in from, by the SHA-256 of a random token. If they are lost, devices are unknown."""

import hashlib
import secrets
import time

from redis.asyncio import Redis

from storage.redis.client import bounded

DEVICE_SECONDS = 180 * 86_400  # from the last sign-in
_MAX_DEVICES = 100  # of an account; one more replaces the least recently used


class DeviceStore:
    """One sorted set for each account, `devices:<account>`: digests scored by the time at which they expire."""

    def __init__(self, redis: Redis, *, prefix: str) -> None:
        self._redis = redis
        self._prefix = prefix

    async def is_known(self, account: str, token: str) -> bool:
        async with bounded("look"):
            known_until = await self._redis.zscore(self._key(account), _digest(token))
        return known_until is not None and known_until > time.time()

    async def remember(self, account: str, token: str) -> str:
        """Return the token to use from now on: a new one unless this one is known, so that nobody can plant one."""
        if not await self.is_known(account, token):
            token = secrets.token_urlsafe(32)
        await self._write(account, token)
        return token

    async def forget(self, account: str, token: str) -> None:
        async with bounded("forget"):
            await self._redis.zrem(self._key(account), _digest(token))

    async def forget_all(self, account: str, *, except_token: str = "") -> None:
        is_kept = await self.is_known(account, except_token)
        async with bounded("forget"):
            await self._redis.delete(self._key(account))
        if is_kept:
            await self._write(account, except_token)

    async def _write(self, account: str, token: str) -> None:
        key, at = self._key(account), time.time()
        async with bounded("remember"), self._redis.pipeline(transaction=True) as pipeline:
            pipeline.zadd(key, {_digest(token): at + DEVICE_SECONDS})
            pipeline.zremrangebyscore(key, "-inf", at)
            pipeline.zremrangebyrank(key, 0, -_MAX_DEVICES - 1)
            pipeline.expire(key, DEVICE_SECONDS)
            await pipeline.execute()

    def _key(self, account: str) -> str:
        return f"{self._prefix}devices:{account}"


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
