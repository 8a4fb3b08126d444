"""Limits concurrent requests per user and per address. Requests that wait for a task are counted separately."""

import asyncio
import hashlib
import math
from collections import OrderedDict
from uuid import UUID

from starlette.requests import Request

from core.errors import TooManyConcurrentRequests
from core.settings import Settings
from core.sharing.callers import work_for
from core.sharing.gate import Gate

_WAIT_SECONDS = 5.0  # so that a burst passes, and clients that retry at once are slowed down
_RETRY_SECONDS = 1
_MAX_KNOWN_USERS = 10_000


class Bound:
    def __init__(self, *, per_user: int, per_address: int) -> None:
        self.users = Gate(math.inf, share=per_user)
        self.addresses = Gate(math.inf, share=per_address)


class ConcurrencyLimits:
    """The limits of this process, and which user last used which credentials."""

    def __init__(self, settings: Settings) -> None:
        self.requests = Bound(
            per_user=settings.concurrent_requests_per_user, per_address=settings.concurrent_requests_per_address
        )
        self.waits = Bound(
            per_user=settings.waiting_requests_per_user, per_address=settings.waiting_requests_per_address
        )
        self._users: OrderedDict[bytes, str] = OrderedDict()

    def user_of(self, credentials: bytes) -> str:
        """Return who last signed in with these credentials; empty if unknown. It authenticates nobody."""
        return self._users.get(_digest(credentials), "")

    def remember(self, credentials: bytes, user: str) -> None:
        digest = _digest(credentials)
        self._users[digest] = user
        self._users.move_to_end(digest)
        if len(self._users) > _MAX_KNOWN_USERS:
            self._users.popitem(last=False)


class Places:
    """The places that one request holds until it is answered."""

    def __init__(self, limits: ConcurrencyLimits, *, address: str, credentials: bytes, waits: bool) -> None:
        self._limits = limits
        self._address = f"address {address}"
        self._credentials = credentials
        self._user = limits.user_of(credentials)
        self._waits = waits and bool(self._user)
        self._taken: list[tuple[Gate, str]] = []
        work_for(self._user or self._address)

    async def enter(self) -> None:
        """Wait for places. Raises TooManyConcurrentRequests after 5 s. A waiting user takes no place of the address."""
        bound = self._limits.waits if self._waits else self._limits.requests
        if self._user:
            await self._acquire(bound.users, self._user)
        await self._acquire(bound.addresses, self._address)

    async def identify(self, user_id: UUID) -> None:
        """Count the request for its user, now that the session is known. Raises TooManyConcurrentRequests."""
        if self._user:
            return
        user = f"user {user_id}"
        await self._acquire(self._limits.requests.users, user)
        self._user = user
        self._limits.remember(self._credentials, user)
        work_for(user)

    def begin_to_wait(self) -> bool:
        """Count the request as one that waits for a task. Return False if there are too many of those."""
        if not self._waits:
            waits = self._limits.waits
            wanted = [(waits.users, self._user), (waits.addresses, self._address)]
            taken = [(gate, name) for gate, name in wanted if gate.try_acquire(name)]
            self._waits = len(taken) == len(wanted)
            _release(self._taken if self._waits else taken)
            self._taken = taken if self._waits else self._taken
        return self._waits

    def leave(self) -> None:
        _release(self._taken)
        self._taken = []

    async def _acquire(self, gate: Gate, name: str) -> None:
        try:
            async with asyncio.timeout(_WAIT_SECONDS):
                await gate.acquire(name)
        except TimeoutError as error:
            detail = (
                f"Too many requests of this {name.partition(' ')[0]} are in progress. Wait until some are answered."
            )
            raise TooManyConcurrentRequests(detail, retry_after_seconds=_RETRY_SECONDS) from error
        self._taken.append((gate, name))


def places_of(request: Request) -> Places:
    places: Places = request.state.places
    return places


def _release(taken: list[tuple[Gate, str]]) -> None:
    for gate, name in taken:
        gate.release(name)


def _digest(credentials: bytes) -> bytes:
    return hashlib.sha256(credentials).digest()
