"""`Prefer: wait=N` (RFC 7240): the answer is held until the task has ended, or N seconds are over."""

import re
import time
from typing import Annotated

from fastapi import Depends, Header, Request, Response

from api.dependencies import CurrentSession, OpenResources
from core.errors import NotFound, Unauthenticated
from core.tasks import Task

MAX_SECONDS = 60
_WAIT = re.compile(r'(?:^|[,;])\s*wait\s*=\s*"?(\d{1,9})"?\s*(?=$|[,;])', re.IGNORECASE)


class _Patience:
    """How long this client waits for the end of a task. Holds nothing meanwhile but the connection to the client."""

    def __init__(
        self,
        request: Request,
        response: Response,
        session: CurrentSession,
        resources: OpenResources,
        prefer: Annotated[
            str | None,
            Header(description=f"`wait=N`: answer when the task has ended, or after N (<= {MAX_SECONDS}) seconds."),
        ] = None,
    ) -> None:
        self._request = request
        self._response = response
        self._session = session
        self._resources = resources
        self._seconds = wait_seconds(prefer)

    @property
    def asked(self) -> bool:
        return self._seconds is not None

    async def wait(self, task: Task) -> Task:
        """The task as it is when the wait is over; the answer says how long that was to be."""
        if self._seconds is None:
            return task
        self._response.headers["Preference-Applied"] = f"wait={self._seconds}"
        if task.status.is_final:
            return task
        self._resources.transitions.check_room()
        began = time.monotonic()
        task = await self._until_ended(task, deadline=began + self._seconds)
        self._request.state.waited_seconds = time.monotonic() - began
        if not await self._resources.storage.sessions.is_open(self._session):
            raise Unauthenticated("The session was ended meanwhile. Sign in again.")
        return task

    async def _until_ended(self, task: Task, *, deadline: float) -> Task:
        while not task.status.is_final:
            left_seconds = max(0.0, deadline - time.monotonic())
            if not await self._resources.transitions.changed(task, seconds=left_seconds, only_end=True):
                break
            found = await self._resources.storage.tasks.get(task.task_id, owner_id=task.owner_id)
            if found is None:
                raise NotFound("There is no such task.")
            task = found
        return task


Patience = Annotated[_Patience, Depends(_Patience)]


def wait_seconds(prefer: str | None) -> int | None:
    """None when nothing is preferred, or nothing that can be understood: a preference is no demand."""
    found = _WAIT.search(prefer or "")
    return min(int(found[1]), MAX_SECONDS) if found else None
