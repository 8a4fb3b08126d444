"""Copies the output of the same work, done for another task or by delivery, in place of a render (ADR 43).

Only the first attempt at a task does. Whatever goes wrong, the next one renders by itself, under a key of its own.
"""

import asyncio
from collections.abc import Awaitable, Callable

from core import tracing
from core.errors import SourceMissing
from core.failpoints import failpoint
from core.tasks import Task
from core.telemetry import OUTPUTS_COPIED
from imaging import is_of_this_engine
from storage import SharedRender, Storage
from worker.outputs.results import Result, Target

_FIRST_LOOK_SECONDS = 0.02
_LONGEST_LOOK_SECONDS = 0.25


async def copy_shared(task: Task, storage: Storage) -> Result | None:
    """Return the output, copied for this task. None: there is none, so the task has to be rendered.

    Raises DependencyUnavailable if a server cannot be reached.
    """
    digest, claimed_at = task.render_digest, task.started_at
    if not (digest and claimed_at and task.has_twin and task.attempt == 1 and is_of_this_engine(digest)):
        return None
    with tracing.span("copy"):
        shared = storage.shared_renders
        await _wait_while(lambda: shared.is_under_way(digest, task_id=task.task_id, claimed_at=claimed_at))
        found = await shared.find(digest)
        return await _copy(found, task, storage) if found else None


async def _wait_while(is_under_way: Callable[[], Awaitable[bool]]) -> None:
    """Wait for whoever renders it. The lease of who was killed ends, and so does the wait."""
    pause = _FIRST_LOOK_SECONDS
    while await is_under_way():
        await asyncio.sleep(pause)
        pause = min(2 * pause, _LONGEST_LOOK_SECONDS)


async def _copy(found: SharedRender, task: Task, storage: Storage) -> Result | None:
    target = Target.of(task, found.format)
    await failpoint("before_copy")
    try:
        await storage.objects.copy(found.key, target.key, media_type=target.media_type, file_name=target.file_name)
    except SourceMissing:  # deleted since it was found
        return None
    await failpoint("copied")
    OUTPUTS_COPIED.inc()
    output = await target.describe(
        storage.objects, width=found.width, height=found.height, size=found.bytes, sha256=found.sha256
    )
    return Result(output=output, analysis=found.analysis, render_report=found.render_report)
