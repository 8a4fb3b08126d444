"""Password hashes by Argon2id with OWASP's parameters, in a few threads: each takes tens of milliseconds and 19 MiB."""

import asyncio
import os
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from core.errors import Overloaded, TooManyRequests
from core.sharing.callers import current_caller
from core.sharing.gate import Gate

_MEMORY_KIB = 19 * 1024
_PASSES = 2
_LANES = 1
_MAX_WAITING = 100  # at tens of milliseconds each, the last one waits for a second or two
_MAX_WAITING_OF_CALLER = 60  # of them, so that others find room
_RETRY_SECONDS = 5


class Passwords:
    def __init__(self, threads: ThreadPoolExecutor, *, turns: int) -> None:
        self._threads = threads
        self._turns = Gate(turns, share=turns)
        self._waiting: Counter[str] = Counter()
        self._hasher = PasswordHasher(time_cost=_PASSES, memory_cost=_MEMORY_KIB, parallelism=_LANES)
        self._dummy_hash = self._hasher.hash("password of no user")

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for a turn to hash or verify; callers take turns. Raises TooManyRequests or Overloaded."""
        caller = current_caller()
        self._check_room(caller)
        self._waiting[caller] += 1
        try:
            async with self._turns.place(caller):
                yield
        finally:
            self._waiting[caller] -= 1
            self._waiting += Counter()  # drops callers without requests

    def _check_room(self, caller: str) -> None:
        if self._waiting[caller] >= _MAX_WAITING_OF_CALLER:
            detail = f"At most {_MAX_WAITING_OF_CALLER} sign-ins at a time are allowed. Retry in a few seconds."
            raise TooManyRequests(detail, retry_after_seconds=_RETRY_SECONDS)
        if self._waiting.total() >= _MAX_WAITING:
            raise Overloaded("Too many sign-ins at the moment. Retry in a few seconds.")

    async def hash(self, password: str) -> str:
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._hasher.hash, password)

    async def verify(self, password_hash: str | None, password: str) -> bool:
        """Return whether they match. None, for an unknown user, takes as long, so that timing does not reveal users."""
        loop = asyncio.get_running_loop()
        matches = await loop.run_in_executor(self._threads, self._verify, password_hash or self._dummy_hash, password)
        return matches and password_hash is not None

    def _verify(self, password_hash: str, password: str) -> bool:
        try:
            return self._hasher.verify(password_hash, password)
        except (VerificationError, InvalidHashError):
            return False


@contextmanager
def open_passwords() -> Iterator[Passwords]:
    """Open the threads. They bound memory and CPU: a burst of sign-ins waits instead of using 19 MiB each at once."""
    turns = min(2, os.cpu_count() or 1)
    with ThreadPoolExecutor(max_workers=turns, thread_name_prefix="argon2") as threads:
        yield Passwords(threads, turns=turns)
