"""Length and age of the queue, for the gauges: one statement of bounded cost, however long the queue is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ScalarSelect, Select, func, select

from core.tasks import TaskStatus
from storage.sql.clock import now
from storage.sql.schema import tasks
from storage.sql.statements import prepared

_MAX_COUNTED = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueState:
    """`oldest_seconds` is how long the oldest due task has been due; 0 if none is."""

    queued: int  # both counts stop at 100,000
    running: int
    oldest_seconds: float


def queue_state() -> Select[Any]:
    first_due = select(func.min(tasks.c.available_at)).where(tasks.c.status == TaskStatus.QUEUED).scalar_subquery()
    return select(
        _count(TaskStatus.QUEUED).label("queued"),
        _count(TaskStatus.RUNNING).label("running"),
        first_due.label("first_due_at"),
        now().label("at"),
    )


def read_queue_state(row: Mapping[Any, Any]) -> QueueState:
    first_due_at = row["first_due_at"] or row["at"]
    oldest_seconds = max(0.0, (row["at"] - first_due_at).total_seconds())
    return QueueState(queued=row["queued"], running=row["running"], oldest_seconds=oldest_seconds)


def _count_some(found: Select[Any], at_most: int) -> Select[int]:
    return select(func.count().label("open_tasks")).select_from(found.limit(at_most).subquery())


@prepared
def count_open(at_most: int) -> Select[int]:
    return _count_some(select(tasks.c.task_id).where(tasks.c.finished_at.is_(None)), at_most)


@prepared
def count_open_of(owner_id: UUID, at_most: int) -> Select[int]:
    return _count_some(
        select(tasks.c.task_id).where(tasks.c.finished_at.is_(None), tasks.c.owner_id == owner_id), at_most
    )


def _count(status: TaskStatus) -> ScalarSelect[int]:
    some = select(tasks.c.task_id).where(tasks.c.status == status).limit(_MAX_COUNTED).subquery()
    return select(func.count()).select_from(some).scalar_subquery()
