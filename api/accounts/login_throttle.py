"""Throttles password guessing without locking out the owner of the account (ADR 28)."""

import hashlib
import ipaddress
from dataclasses import dataclass
from uuid import UUID

from starlette.requests import Request

from core.errors import InvalidCredentials, TooManyRequests
from core.settings import Settings
from storage import DeviceStore, Limit, LimitStore, normalize_email

_ACCOUNT_WINDOW_SECONDS = 3600
_IPV6_NETWORK_BITS = 64


@dataclass(frozen=True, slots=True)
class Count:
    """A limit, and the client that it is counted for, such as an address."""

    limit: Limit
    client: str


Counts = tuple[Count, ...]


class LoginThrottle:
    """Counts wrong passwords only, whether or not the account exists: responses must not reveal that."""

    def __init__(self, limits: LimitStore, devices: DeviceStore, settings: Settings) -> None:
        def limit(name: str, times: int, window_seconds: int = settings.login_window_seconds) -> Limit:
            return Limit(name=f"wrong_passwords_{name}", times=times, window_seconds=window_seconds)

        self._limits = limits
        self._devices = devices
        self._per_pair = limit("pair", settings.login_tries)
        self._per_device = limit("device", settings.login_tries)
        self._per_session = limit("session", settings.login_tries)
        self._per_address = limit("address", settings.login_tries_per_address)
        self._per_account = limit("account", settings.login_tries_per_account, _ACCOUNT_WINDOW_SECONDS)

    async def counts_of_sign_in(self, email: str, *, address: str, device: str) -> Counts:
        """Return the counts of a sign-in. Guesses of others do not lock out a known device: it has its own."""
        account = account_of(email)
        if await self._devices.is_known(account, device):
            return (Count(self._per_device, f"{account} {digest_of(device)}"),)
        return self._counts_of_unknown_device(account, address)

    def counts_of_session(self, session_id: UUID) -> Counts:
        """Return the counts of a change that requires the password: a stolen token must not allow unlimited guesses."""
        return (Count(self._per_session, str(session_id)),)

    async def check(self, counts: Counts) -> None:
        """Raise TooManyRequests if one of the counts has reached its limit."""
        waits = [await self._limits.wait_seconds(count.limit, count.client) for count in counts]
        seconds = max((wait for wait in waits if wait), default=0)
        if seconds:
            detail = f"Too many wrong passwords. Retry in {seconds} seconds."
            raise TooManyRequests(detail, retry_after_seconds=seconds)

    async def reject(self, counts: Counts) -> InvalidCredentials:
        """Count a wrong password. Return the error to raise."""
        for count in counts:
            await self._limits.hit(count.limit, count.client)
        return InvalidCredentials("Invalid email or password.")

    async def forget(self, email: str, *, address: str) -> None:
        """Reset the counts of an erased account. The count of the address stays: it covers other accounts as well."""
        pair, _, account = self._counts_of_unknown_device(account_of(email), address)
        for count in (pair, account):
            await self._limits.forget(count.limit, count.client)

    def _counts_of_unknown_device(self, account: str, address: str) -> tuple[Count, Count, Count]:
        return (
            Count(self._per_pair, f"{account} {address}"),
            Count(self._per_address, address),
            Count(self._per_account, account),
        )


def account_of(email: str) -> str:
    """Return a digest of the address, so that Redis does not reveal who has an account."""
    return digest_of(normalize_email(email))


def digest_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def address_of(request: Request) -> str:
    """Return the address to count by: for IPv6 the /64 network, which usually belongs to one client.

    A socket that listens on IPv6 reports IPv4 clients as ::ffff:192.0.2.1; all of those share one /64.
    """
    host = request.client.host if request.client else ""
    try:
        ip = ipaddress.ip_address(host)
    except ValueError:
        return digest_of(host) if host else ""
    if isinstance(ip, ipaddress.IPv4Address):
        return str(ip)
    if ip.ipv4_mapped:
        return str(ip.ipv4_mapped)
    return str(ipaddress.IPv6Network((int(ip), _IPV6_NETWORK_BITS), strict=False))
