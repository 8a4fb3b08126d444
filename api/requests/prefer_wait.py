"""`Prefer: wait=N` (RFC 7240): the response is delayed until the task has ended, or for N seconds."""

import re
import time
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Header, Request, Response

from api.dependencies import resources_of
from api.server.concurrency import places_of
from core.errors import NotFound, Unauthenticated
from core.tasks import Task

MAX_SECONDS = 60
_WAIT = re.compile(r'(?:^|[,;])\s*wait\s*=\s*"?(\d{1,9})"?\s*(?=$|[,;])', re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wait:
    """How long a request waits for its task. Holds no database connection meanwhile."""

    request: Request
    response: Response
    seconds: int | None  # None: no preference

    async def until_ended(self, task: Task) -> Task:
        """Return the task as it is when the wait ends. Raises NotFound or Unauthenticated.

        Where too many requests wait already it returns at once, without `Preference-Applied`: a preference is optional.
        """
        if self.seconds is None or not (task.status.is_final or self._has_room()):
            return task
        self.response.headers["Preference-Applied"] = f"wait={self.seconds}"
        if task.status.is_final:
            return task
        began = time.monotonic()
        task = await self._poll(task, deadline=began + self.seconds)
        self.request.state.waited_seconds = time.monotonic() - began
        if not await resources_of(self.request).authenticator.is_open(self.request.state.principal):
            raise Unauthenticated("The session or API key ended while the request was waiting. Authenticate again.")
        return task

    def _has_room(self) -> bool:
        return resources_of(self.request).watcher.has_room and places_of(self.request).begin_to_wait()

    async def _poll(self, task: Task, *, deadline: float) -> Task:
        resources = resources_of(self.request)
        while not task.status.is_final:
            left_seconds = max(0.0, deadline - time.monotonic())
            if not await resources.watcher.changed(task, seconds=left_seconds, only_end=True):
                break
            found = await resources.storage.tasks.get(task.task_id, owner_id=task.owner_id)
            if found is None:
                raise NotFound("The task was deleted.")
            task = found
        return task


async def _prefer_wait(
    request: Request,
    response: Response,
    prefer: Annotated[
        str | None,
        Header(description=f"`wait=N`: wait up to N (<= {MAX_SECONDS}) seconds until the task has ended."),
    ] = None,
) -> _Wait:
    return _Wait(request=request, response=response, seconds=wait_seconds(prefer))


PreferWait = Annotated[_Wait, Depends(_prefer_wait)]


def wait_seconds(prefer: str | None) -> int | None:
    """Return N of `wait=N`, at most MAX_SECONDS. None without it, or if it is malformed: a preference is optional."""
    found = _WAIT.search(prefer or "")
    return min(int(found[1]), MAX_SECONDS) if found else None
