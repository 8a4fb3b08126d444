"""Finds orphans: sources without their image, outputs that their task does not and will not name, delivered images."""

from collections.abc import Awaitable, Callable, Iterable
from typing import get_args
from uuid import UUID

from core.keys import DELIVERED, SOURCES, is_of_attempt, output_key, row_id
from core.tasks import Task, TaskStatus
from imaging import ANALYSIS, Format
from storage import OrphanReason, Storage

type KnownIds = Callable[[set[UUID]], Awaitable[set[UUID]]]

_EXTENSIONS = (*get_args(Format), ANALYSIS)


def output_keys(task: Task, attempts: Iterable[int]) -> list[str]:
    """Return all keys under which these attempts may have stored an output, except the one that the task names."""
    kept = task.output.key if task.output else None
    keys = (output_key(task.task_id, attempt, extension) for attempt in attempts for extension in _EXTENSIONS)
    return [key for key in keys if key != kept]


async def find_orphans(storage: Storage, keys: Iterable[str]) -> dict[str, OrphanReason]:
    """Return the orphans among these keys. Call it after listing them, so that rows written meanwhile are seen.

    Keys that the service does not use are never orphans.
    """
    owners = {key: owner for key in keys if (owner := row_id(key))}
    sources = {key: owner for key, owner in owners.items() if key.startswith(SOURCES)}
    delivered = {key: owner for key, owner in owners.items() if key.startswith(DELIVERED)}
    outputs = {key: owner for key, owner in owners.items() if key not in {*sources, *delivered}}
    return {
        **await _without_row(sources, storage.images.known_ids),
        **await _without_row(delivered, storage.delivered.known_ids),
        **await _orphaned_outputs(storage, outputs),
    }


async def _without_row(keys: dict[str, UUID], known_ids: KnownIds) -> dict[str, OrphanReason]:
    """Return the keys without a row. That of a render under way exists before its object does."""
    known = await known_ids(set(keys.values())) if keys else set()
    return {key: OrphanReason.NO_ROW for key, owner in keys.items() if owner not in known}


async def _orphaned_outputs(storage: Storage, keys: dict[str, UUID]) -> dict[str, OrphanReason]:
    known = {task.task_id: task for task in await storage.tasks.find(set(keys.values()))} if keys else {}
    found = ((key, _reason(key, known.get(task_id))) for key, task_id in keys.items())
    return {key: reason for key, reason in found if reason}


def _reason(key: str, task: Task | None) -> OrphanReason | None:
    if task is None:
        return OrphanReason.NO_ROW
    if task.output:
        return OrphanReason.OTHER_OUTPUT if key != task.output.key else None
    may_still_be_named = task.status is TaskStatus.RUNNING and is_of_attempt(key, task.attempt)
    return None if may_still_be_named else OrphanReason.OTHER_OUTPUT
