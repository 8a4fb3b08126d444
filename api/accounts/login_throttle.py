"""Slows down who guesses passwords, and spares the owner of the account that is guessed at (ADR 28)."""

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
    """What a wrong password is counted for, such as an address, and how often it may happen there."""

    limit: Limit
    who: str


Counts = tuple[Count, ...]


class LoginThrottle:
    """Counts wrong passwords only. Nobody is told whether there is such an account."""

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
        """A device that the account has signed in from answers for itself alone: no guess of others locks it out."""
        account = account_of(email)
        if await self._devices.is_known(account, device):
            return (Count(self._per_device, f"{account} {digest_of(device)}"),)
        return self._counts_of_unknown_device(account, address)

    def counts_of_session(self, session_id: UUID) -> Counts:
        """For changes that ask for the password again: a stolen token gets few guesses, and takes none of others'."""
        return (Count(self._per_session, str(session_id)),)

    async def check(self, counts: Counts) -> None:
        """Raises TooManyRequests."""
        waits = [await self._limits.wait_seconds(count.limit, count.who) for count in counts]
        seconds = max((wait for wait in waits if wait), default=0)
        if seconds:
            detail = f"Too many wrong passwords. Retry in {seconds} seconds."
            raise TooManyRequests(detail, retry_after_seconds=seconds)

    async def reject(self, counts: Counts) -> InvalidCredentials:
        """Count a wrong password."""
        for count in counts:
            await self._limits.hit(count.limit, count.who)
        return InvalidCredentials("Invalid email or password.")

    async def forget(self, email: str, *, address: str) -> None:
        """Forget the counts of an erased account. That of the address stays: others were guessed at from it, too."""
        pair, _, account = self._counts_of_unknown_device(account_of(email), address)
        for count in (pair, account):
            await self._limits.forget(count.limit, count.who)

    def _counts_of_unknown_device(self, account: str, address: str) -> tuple[Count, Count, Count]:
        return (
            Count(self._per_pair, f"{account} {address}"),
            Count(self._per_address, address),
            Count(self._per_account, account),
        )


def account_of(email: str) -> str:
    """As a digest: nobody needs to read in Redis who has an account."""
    return digest_of(normalize_email(email))


def digest_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def address_of(request: Request) -> str:
    """Return the address to count by. An IPv6 host has a whole /64 to itself.

    A socket that listens for IPv6 shows IPv4 clients as ::ffff:192.0.2.1: their /64 is everybody's.
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
