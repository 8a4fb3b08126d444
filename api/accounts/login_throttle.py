"""Guessing passwords: so many wrong ones per account and per address, then none is looked at for a while."""

import hashlib
import ipaddress

from starlette.requests import Request

from core.errors import InvalidCredentials, TooManyRequests
from storage import Limit, LimitStore


class Tries:
    def __init__(self, limits: LimitStore, *, times: int, window_seconds: int) -> None:
        self._limits = limits
        self._limit = Limit(name="wrong_passwords", times=times, window_seconds=window_seconds)

    async def check(self, *who: str) -> None:
        """Raises TooManyRequests, whether or not there is such an account."""
        waits = [await self._limits.wait_seconds(self._limit, each) for each in who]
        seconds = max((wait for wait in waits if wait), default=0)
        if seconds:
            raise TooManyRequests("Too many wrong passwords. Wait a while.", retry_after_seconds=seconds)

    async def refuse(self, *who: str) -> InvalidCredentials:
        """Counts a wrong password."""
        for each in who:
            await self._limits.take(self._limit, each)
        return InvalidCredentials("E-mail address and password do not belong together.")

    async def forget(self, *who: str) -> None:
        for each in who:
            await self._limits.forget(self._limit, each)


def account(email: str) -> str:
    """As a digest: nobody needs to read in Redis who has an account."""
    return hashlib.sha256(email.strip().lower().encode()).hexdigest()


def address(request: Request) -> str:
    """An IPv6 host has a whole /64 to itself."""
    host = request.client.host if request.client else ""
    try:
        ip = ipaddress.ip_address(host)
    except ValueError:
        return host
    return str(ipaddress.ip_network((ip, 64), strict=False)) if ip.version == 6 else host  # noqa: PLR2004
