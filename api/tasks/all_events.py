"""The stream of the events of all of a user's tasks, and what a client does that was away: go on, or read anew."""

import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

from api.schemas import LoggedEventView
from api.tasks.feed import Item, Subscription, TaskFeed
from core.errors import DependencyUnavailable
from storage import EVENT_RETENTION_SECONDS, EventPosition, LoggedEvent

_SESSION_CHECK_SECONDS = 15.0
STREAM_SECONDS = 900.0  # then the client reconnects, with the id of its last event
_RESUMABLE_SECONDS = EVENT_RETENTION_SECONDS - 600  # with room for clocks that differ and clients that lag behind
_MAX_MISSED = 1_000
_ID = re.compile(r"(\d{1,18})-(\d{1,18})-(\d{1,12})")  # transaction, event, time: within 64 bits
REFETCH = "refetch"


@dataclass(frozen=True, slots=True)
class Sent:
    """One event as it is sent. `view` is None in `refetch`."""

    id: str
    name: str
    view: LoggedEventView | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AllEvents:
    """Streams the events of one user to one client."""

    feed: TaskFeed
    owner_id: UUID
    is_open: Callable[[], Awaitable[bool]]  # whether the client's session or API key is still valid

    async def follow(self, last_event_id: str | None) -> AsyncIterator[Sent]:
        """Yield events. Ends early if the credential or a server is gone: clients reconnect."""
        try:
            async with self.feed.subscribed(self.owner_id) as subscription:
                for item in await self._missed(last_event_id, subscription.start):
                    yield item
                async for item in self._live(subscription):
                    yield item
        except DependencyUnavailable:
            return

    async def _missed(self, last_event_id: str | None, start: EventPosition) -> list[Sent]:
        """Return the events since the last one, or `refetch` if they are not known, or too many."""
        last = _resumable(last_event_id)
        if last is None or last > start:  # later than everything: from another database
            return [_refetch(start)]
        events = await self.feed.log.after(last, owner_id=self.owner_id, limit=_MAX_MISSED)
        if len(events) == _MAX_MISSED:
            return [_refetch(start)]
        return [_sent(event) for event in events if event.position <= start]

    async def _live(self, subscription: Subscription) -> AsyncIterator[Sent]:
        deadline = time.monotonic() + STREAM_SECONDS
        while time.monotonic() < deadline and not self.feed.is_stopping:
            received = await subscription.receive(seconds=_SESSION_CHECK_SECONDS)
            if not await self.is_open():
                return
            for item in received:
                yield _sent(item)


def _resumable(last_event_id: str | None) -> EventPosition | None:
    known = _ID.fullmatch(last_event_id or "")
    if known is None:
        return None
    transaction_id, event_id, sent_at = map(int, known.groups())
    is_recent = time.time() - sent_at < _RESUMABLE_SECONDS
    return EventPosition(transaction_id, event_id) if is_recent else None


def _sent(item: Item) -> Sent:
    if not isinstance(item, LoggedEvent):
        return _refetch(item.position)
    view = LoggedEventView(task_id=item.task_id, event=item.name, attempt=item.attempt, at=item.at)
    return Sent(_id(item.position), item.name, view)


def _refetch(position: EventPosition) -> Sent:
    return Sent(_id(position), REFETCH)


def _id(position: EventPosition) -> str:
    return f"{position.transaction_id}-{position.event_id}-{time.time():.0f}"
