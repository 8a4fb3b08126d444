"""Server-sent events: of one task until its end, and of all tasks."""

from collections.abc import AsyncIterable
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent

from api.dependencies import CurrentUser, MyTask, OpenLinks, OpenResources, resources_of
from api.errors import error_responses
from api.server.concurrency import places_of
from api.tasks.all_events import AllEvents
from api.tasks.events import Follower
from core import errors

router = APIRouter(prefix="/v1", tags=["tasks"])
_RETRY_SECONDS = 1
_LONGEST_NUMBER = 9  # digits

_STREAM_ERRORS = (
    errors.Unauthenticated,
    errors.InvalidRequest,
    errors.TooManyConcurrentRequests,
    errors.Overloaded,
)

LastEventId = Annotated[str | None, Header(alias="Last-Event-ID", description="Send only events after this one.")]


async def _check_room(request: Request, _user: CurrentUser) -> None:
    resources = resources_of(request)
    if not (resources.watcher.has_room and resources.task_feed.has_room):
        raise errors.Overloaded("Too many requests are waiting for tasks. Poll the task without waiting instead.")
    if not places_of(request).begin_to_wait():
        raise errors.TooManyConcurrentRequests(
            "Too many requests of this user or address are waiting for tasks. Close some, or poll the task instead.",
            retry_after_seconds=_RETRY_SECONDS,
        )


@router.get(
    "/tasks/{task_id}/events",  # noqa: FAST003 - MyTask reads it
    summary="Every transition of a task until its end",
    response_class=EventSourceResponse,
    dependencies=[Depends(_check_room)],
    responses=error_responses(*_STREAM_ERRORS, errors.NotFound),
)
async def follow_task(
    task: MyTask, user: CurrentUser, resources: OpenResources, links: OpenLinks, last_event_id: LastEventId = None
) -> AsyncIterable[ServerSentEvent]:
    """Each event has the status as its name; the last one contains the task.

    A client that reconnects with `Last-Event-ID`, as browsers do, receives the events that it missed.
    """
    follower = Follower(
        resources.storage, resources.watcher, links, is_open=partial(resources.authenticator.is_open, user)
    )
    async for number, event in follower.follow(task, after=_number(last_event_id)):
        yield ServerSentEvent(data=event, event=event.status, id=str(number), retry=1000 * _RETRY_SECONDS)


@router.get(
    "/events",
    summary="What happens to all of your tasks",
    response_class=EventSourceResponse,
    dependencies=[Depends(_check_room)],
    responses=error_responses(*_STREAM_ERRORS),
)
async def follow_tasks(
    user: CurrentUser, resources: OpenResources, last_event_id: LastEventId = None
) -> AsyncIterable[ServerSentEvent]:
    """The name of an event is `created`, `deleted`, or the new status of the task.

    A stream begins with `refetch`: list the tasks now. All later events follow. A client that reconnects with
    `Last-Event-ID` within 50 minutes, as browsers do, receives the events that it missed instead, or `refetch` if they
    were more than 1,000.
    """
    events = AllEvents(
        feed=resources.task_feed, owner_id=user.user_id, is_open=partial(resources.authenticator.is_open, user)
    )
    async for sent in events.follow(last_event_id):
        yield ServerSentEvent(data=sent.view or {}, event=sent.name, id=sent.id, retry=1000 * _RETRY_SECONDS)


def _number(last_event_id: str | None) -> int:
    known = last_event_id is not None and last_event_id.isdecimal() and len(last_event_id) <= _LONGEST_NUMBER
    return int(last_event_id or 0) if known else -1
