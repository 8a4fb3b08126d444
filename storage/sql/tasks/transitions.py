"""Transitions of the task's state machine: each one guarded UPDATE, the same on both databases.

    queued -> running -> succeeded | failed | cancelled        (running -> queued on retry, hand-back or a lost lease)

The guard is in the WHERE clause. No row is returned if another process was first, which is never an error.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Update, and_, case, not_, null, or_, select, update
from sqlalchemy.sql.dml import ReturningUpdate

from core.tasks import OPEN, Output, TaskStatus
from storage.sql.clock import now
from storage.sql.engines.prepared import Prepared
from storage.sql.schema import tasks
from storage.sql.shared_renders import has_twin
from storage.sql.statements import bind, parameters, prepared
from storage.sql.tasks.queries import COLUMNS

_t = tasks.c
_spent = _t.attempt - _t.handed_back
_NO_LEASE = {"worker_id": null(), "lease_expires_at": null()}
_HOLD_SECONDS = 5.0  # long enough to publish a batch
_NO_ERROR = {"error_code": null(), "error_detail": null()}


def _due() -> ColumnElement[bool]:
    return and_(_t.status == TaskStatus.QUEUED, _t.available_at <= now())


def _lease_expired(*, remaining_seconds: float = 0) -> ColumnElement[bool]:
    return and_(_t.status == TaskStatus.RUNNING, _t.lease_expires_at <= now(plus_seconds=remaining_seconds))


def _held(task_id: UUID, attempt: int) -> ColumnElement[bool]:
    """The fence: only the newest claim of a running task may change it."""
    return and_(_t.task_id == task_id, _t.status == TaskStatus.RUNNING, _t.attempt == attempt)


@prepared
def claim(
    task_id: UUID, *, worker_id: str, lease_seconds: float, remaining_seconds: float, max_attempts: int
) -> ReturningUpdate[Any]:
    """Queued -> running when due; running -> running when at most `remaining_seconds` of the lease are left."""
    return (
        update(tasks)
        .where(_t.task_id == task_id, or_(_due(), _lease_expired(remaining_seconds=remaining_seconds)))
        .where(_spent < max_attempts)
        .values(
            status=TaskStatus.RUNNING,
            attempt=_t.attempt + 1,
            started_at=now(),
            worker_id=worker_id,
            lease_expires_at=now(plus_seconds=lease_seconds),
            **_NO_ERROR,
        )
        .returning(*COLUMNS, has_twin())
    )


@prepared
def renew_lease(task_id: UUID, attempt: int, *, lease_seconds: float) -> ReturningUpdate[Any]:
    """Stays running, until `lease_seconds` from now."""
    renewed = update(tasks).where(_held(task_id, attempt)).values(lease_expires_at=now(plus_seconds=lease_seconds))
    return renewed.returning(_t.task_id)


_OUTPUT = tuple(Output.__dataclass_fields__)
_result = parameters((*(f"output_{name}" for name in _OUTPUT), "analysis", "render_report"))
_guard = parameters(("task_id", "attempt"))
_END_WITH_OUTPUT = (
    update(tasks)
    .where(_held(**_guard))  # type: ignore[arg-type]  # parameters in place of values
    .values(status=TaskStatus.SUCCEEDED, finished_at=now(), **_NO_LEASE, **_result)
    .returning(_t.task_id)
)


def succeed(
    task_id: UUID,
    attempt: int,
    *,
    output: Output,
    analysis: dict[str, Any] | None,
    render_report: dict[str, Any] | None,
) -> Prepared:
    """Running -> succeeded."""
    row = {f"output_{name}": getattr(output, name) for name in _OUTPUT}
    row |= {"task_id": task_id, "attempt": attempt, "analysis": analysis, "render_report": render_report}
    return bind(_END_WITH_OUTPUT, row)


def fail(task_id: UUID, attempt: int, *, code: str, detail: str) -> Update:
    """Running -> failed."""
    return (
        update(tasks)
        .where(_held(task_id, attempt))
        .values(status=TaskStatus.FAILED, finished_at=now(), error_code=code, error_detail=detail, **_NO_LEASE)
    )


def retry(  # noqa: PLR0913 - the guard and what is stored
    task_id: UUID, attempt: int, *, delay_seconds: float, code: str, detail: str, max_attempts: int
) -> Update:
    """Running -> queued after a delay; -> failed when all attempts are used up."""
    return (
        update(tasks)
        .where(_held(task_id, attempt))
        .values(error_code=code, error_detail=detail, **_requeued(delay_seconds, max_attempts))
    )


def hand_back(task_id: UUID, attempt: int) -> Update:
    """Running -> queued at once. The claim does not count as an attempt, yet its number is never used again."""
    return (
        update(tasks)
        .where(_held(task_id, attempt))
        .values(
            status=TaskStatus.QUEUED,
            handed_back=_t.handed_back + 1,
            available_at=now(),
            published_at=null(),
            **_NO_LEASE,
        )
    )


def cancel(task_id: UUID, *, owner_id: UUID) -> Update:
    """queued, running -> cancelled."""
    return (
        update(tasks)
        .where(_t.task_id == task_id, _t.owner_id == owner_id, _t.status.in_(OPEN))
        .values(status=TaskStatus.CANCELLED, finished_at=now(), **_NO_LEASE, **_NO_ERROR)
    )


def reclaim(*, max_attempts: int, everything: bool) -> Update:
    """Running -> queued when the lease has expired (or for `everything`); -> failed when all attempts are used up."""
    lost = _t.status == TaskStatus.RUNNING if everything else _lease_expired()
    return (
        update(tasks)
        .where(lost)
        .values(
            error_code="worker_lost",
            error_detail="The worker that ran the task stopped responding.",
            **_requeued(0, max_attempts),
        )
    )


def hold_unpublished(*, stale_seconds: float, grace_seconds: float, limit: int) -> Update:
    """Stays queued; held for at most 5 s, so that two sweeps rarely publish the same task.

    A task younger than `grace_seconds` that was never claimed is left to the process that created it.
    The caller confirms with `mark_published`. Should it crash before, the task is stale again when the hold ends.
    """
    is_left_alone = and_(_t.attempt == 0, _t.created_at > now(plus_seconds=-grace_seconds))
    unpublished = or_(
        and_(_t.published_at.is_(None), not_(is_left_alone)), _t.published_at <= now(plus_seconds=-stale_seconds)
    )
    chosen = (
        select(_t.task_id)
        .where(_due(), unpublished)
        .order_by(_t.available_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("chosen")
    )
    stale_after_hold = now(plus_seconds=min(_HOLD_SECONDS, stale_seconds) - stale_seconds)
    still_free = (_t.task_id.in_(select(chosen.c.task_id)), _due(), unpublished)
    return update(tasks).where(*still_free).values(published_at=stale_after_hold)


def mark_published(task_ids: Iterable[UUID]) -> Update:
    """Stays queued."""
    return update(tasks).where(_t.task_id.in_(task_ids), _t.status == TaskStatus.QUEUED).values(published_at=now())


def replace_link(task_id: UUID, attempt: int, *, url: str, url_expires_at: datetime) -> Update:
    """Stays succeeded."""
    return (
        update(tasks)
        .where(_t.task_id == task_id, _t.status == TaskStatus.SUCCEEDED, _t.attempt == attempt)
        .values(output_url=url, output_url_expires_at=url_expires_at)
    )


def _requeued(delay_seconds: float, max_attempts: int) -> dict[str, Any]:
    spent = _spent >= max_attempts
    return {
        "status": case((spent, TaskStatus.FAILED.value), else_=TaskStatus.QUEUED.value),
        "finished_at": case((spent, now()), else_=null()),
        "available_at": now(plus_seconds=delay_seconds),
        "published_at": null(),
        **_NO_LEASE,
    }
