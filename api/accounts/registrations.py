"""Limits registrations per address: each adds a permanent row, and costs a password hash."""

from core.errors import TooManyRequests
from storage import Limit, LimitStore

_WINDOW_SECONDS = 3600


class Registrations:
    def __init__(self, limits: LimitStore, *, per_hour: int) -> None:
        self._limits = limits
        self._limit = Limit(name="registrations", times=per_hour, window_seconds=_WINDOW_SECONDS)

    async def check(self, address: str) -> None:
        """Raise TooManyRequests if the limit is reached; call it before the body is read. Counts nothing."""
        self._reject(await self._limits.wait_seconds(self._limit, address))

    async def admit(self, address: str) -> None:
        """Count one registration. Raises TooManyRequests if the limit is reached."""
        self._reject(await self._limits.hit(self._limit, address))

    def _reject(self, wait_seconds: int | None) -> None:
        if wait_seconds:
            bound = f"at most {self._limit.times} an hour from one address"
            detail = f"Too many registrations: {bound}. Retry in {wait_seconds} seconds."
            raise TooManyRequests(detail, retry_after_seconds=wait_seconds)
