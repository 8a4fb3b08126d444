"""Quotas for submissions, open tasks and uploads, per user and in total. Checked before the body is read."""

import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from uuid import UUID

from api.quota_overrides import QuotaOverrides
from core.errors import Overloaded, TooManyRequests
from core.settings import Settings
from storage import Limit, Storage, TaskRepository

BUSY = (TooManyRequests, Overloaded)
_LOOK_SECONDS = 1.0
_RETRY_SECONDS = 5  # a guess: when the next task or upload ends is not known


class Quotas:
    def __init__(self, storage: Storage, settings: Settings, overrides: QuotaOverrides) -> None:
        self._limits = storage.limits
        self._rate = Limit(name="submissions", times=settings.submissions_per_minute, window_seconds=60)
        self._preview_rate = Limit(name="previews", times=settings.previews_per_minute, window_seconds=60)
        self._overrides = overrides
        self._open_tasks = OpenTasks(
            storage.tasks, overall=settings.max_open_tasks, per_user=settings.max_open_tasks_per_user
        )
        self._uploads = Uploads(overall=settings.max_uploads, per_user=settings.max_uploads_per_user)

    async def admit_image(self, user_id: UUID) -> None:
        """Count a submission. Raises TooManyRequests above the rate limit."""
        await self._hit(self._rate, user_id, times=self._overrides.of(user_id).submissions_per_minute)

    async def admit_preview(self, user_id: UUID) -> None:
        """Count a preview or thumbnail. Raises TooManyRequests above the rate limit."""
        await self._hit(self._preview_rate, user_id, times=self._overrides.of(user_id).previews_per_minute)

    async def admit_task(self, user_id: UUID) -> None:
        await self.admit_image(user_id)
        await self._open_tasks.admit(user_id, most=self._overrides.of(user_id).open_tasks)

    @asynccontextmanager
    async def uploading(self, user_id: UUID) -> AsyncIterator[None]:
        """Count an upload while the body runs. Raises TooManyRequests, or Overloaded, above the limits."""
        with self._uploads.admitted(user_id, most=self._overrides.of(user_id).uploads):
            yield

    async def forget(self, user_id: UUID) -> None:
        for rate in (self._rate, self._preview_rate):
            await self._limits.forget(rate, str(user_id))

    async def _hit(self, usual: Limit, user_id: UUID, *, times: int | None) -> None:
        rate = replace(usual, times=times) if times else usual
        wait_seconds = await self._limits.hit(rate, str(user_id))
        if wait_seconds:
            detail = f"Rate limit exceeded: at most {rate.times} a minute. Retry in {wait_seconds} seconds."
            raise TooManyRequests(detail, retry_after_seconds=wait_seconds)


@dataclass(slots=True, kw_only=True)
class _Count:
    """Open tasks in the database at some time, and tasks admitted here since then."""

    stored: int
    admitted: int = 0
    valid_until: float

    @property
    def total(self) -> int:
        return self.stored + self.admitted


class OpenTasks:
    """Counts open tasks in the database. A count is valid for a second; until then, each admission adds to it."""

    def __init__(self, tasks: TaskRepository, *, overall: int, per_user: int) -> None:
        self._tasks = tasks
        self._overall = overall
        self._per_user = per_user
        self._counts: dict[UUID | None, _Count] = {}  # None: of all users

    async def admit(self, user_id: UUID, *, most: int | None = None) -> None:
        """`most` replaces the quota of each user. Raises Overloaded or TooManyRequests."""
        per_user = most or self._per_user
        if await self._is_full(None, self._overall):
            raise Overloaded("The queue is full: too many unfinished tasks. Try again later.")
        if await self._is_full(user_id, per_user):
            detail = f"Quota exceeded: at most {per_user} unfinished tasks. Wait until some have finished."
            raise TooManyRequests(detail, retry_after_seconds=_RETRY_SECONDS)

    async def _is_full(self, user_id: UUID | None, cap: int) -> bool:
        """Return whether there are `cap` open tasks; if not, count the one that is admitted now."""
        count = self._counts.get(user_id)
        if count is None or time.monotonic() >= count.valid_until or self._may_have_ended(count, cap):
            count = await self._read(user_id, cap)
        if count.total >= cap:
            return True
        count.admitted += 1
        return False

    @staticmethod
    def _may_have_ended(count: _Count, cap: int) -> bool:
        """Return whether only a task that was admitted since the count, and may have ended, leaves no room."""
        return count.stored < cap <= count.total

    async def _read(self, user_id: UUID | None, cap: int) -> _Count:
        stored, at = await self._tasks.count_open(owner_id=user_id, at_most=cap), time.monotonic()
        self._counts = {who: count for who, count in self._counts.items() if count.valid_until > at}
        self._counts[user_id] = count = _Count(stored=stored, valid_until=at + _LOOK_SECONDS)
        return count


class Uploads:
    """Counts the uploads of this process, which bounds their memory."""

    def __init__(self, *, overall: int, per_user: int) -> None:
        self._overall = overall
        self._per_user = per_user
        self._running: Counter[UUID] = Counter()

    @contextmanager
    def admitted(self, user_id: UUID, *, most: int | None = None) -> Iterator[None]:
        """`most` replaces the quota of each user."""
        per_user = most or self._per_user
        if self._running[user_id] >= per_user:
            detail = f"Quota exceeded: at most {per_user} uploads at a time. Wait until one has finished."
            raise TooManyRequests(detail, retry_after_seconds=_RETRY_SECONDS)
        if self._running.total() >= self._overall:
            raise Overloaded("Too many uploads at the moment. Try again later.")
        self._running[user_id] += 1
        try:
            yield
        finally:
            self._running[user_id] -= 1
            self._running += Counter()  # drops users without uploads
