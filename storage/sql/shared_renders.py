"""Finds outputs of the same digest, of other tasks and of delivery, which a task copies in place of a render (ADR 43).

A render is waited for only by tasks that claimed later, by the database's clock: nobody waits in a circle.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, ColumnElement, Label, Select, exists, literal_column, or_, select

from core.keys import delivered_key
from core.tasks import TaskStatus
from storage.sql.clock import now
from storage.sql.database import Database
from storage.sql.schema import delivered_images, tasks
from storage.sql.statements import prepared

_twins = tasks.alias("twins")
_t, _d = _twins.c, delivered_images.c
# As text: in RETURNING of SQLite, SQLAlchemy omits the names of tables, also in subqueries, where both have the column.
_HAS_TWIN = """(
    EXISTS (SELECT 1 FROM tasks AS twins WHERE twins.render_digest = tasks.render_digest
            AND twins.task_id <> tasks.task_id AND twins.status IN ('running', 'succeeded'))
    OR EXISTS (SELECT 1 FROM delivered_images WHERE version = tasks.render_digest)
)"""
_HAS_TASK = "EXISTS (SELECT 1 FROM tasks WHERE render_digest = delivered_images.version AND status = 'succeeded')"


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedRender:
    """A stored output, and what is recorded with it."""

    key: str
    format: str
    width: int
    height: int
    bytes: int
    sha256: str
    analysis: dict[str, Any] | None
    render_report: dict[str, Any] | None


class SharedRenderRepository:
    """Each method reads. What it returns may be deleted the next moment: then the task renders."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def is_under_way(self, digest: str, *, task_id: UUID, claimed_at: datetime) -> bool:
        """Return whether somebody has been rendering the output since before this task was claimed."""
        statement = _under_way(digest, task_id, claimed_at)
        async with self._database.reading() as connection:
            (found,) = await connection.fetch(statement)
        return bool(found["is_under_way"])

    async def find(self, digest: str) -> SharedRender | None:
        """Return a stored output of this digest."""
        async with self._database.reading() as connection:
            of_task = await connection.fetch(_of_task(digest))
        if of_task:
            return SharedRender(**of_task[0])
        async with self._database.reading() as connection:
            of_delivery = await connection.fetch(_of_delivery(digest))
        return _shared(**of_delivery[0]) if of_delivery else None


def has_twin() -> Label[bool]:
    """Return the condition on a claimed task that its output is stored elsewhere, or being made."""
    return literal_column(_HAS_TWIN, Boolean).label("has_twin")


def has_task() -> Label[bool]:
    """Return the condition on a claimed delivered image that a task has the output."""
    return literal_column(_HAS_TASK, Boolean).label("has_task")


def _is_before(task_id: UUID, claimed_at: datetime) -> ColumnElement[bool]:
    """Return the order of claims. Of two in the same moment, the task with the smaller id comes first."""
    return or_(_t.started_at < claimed_at, (_t.started_at == claimed_at) & (_t.task_id < task_id))


@prepared
def _under_way(digest: str, task_id: UUID, claimed_at: datetime) -> Select[Any]:
    running = (_t.render_digest == digest, _t.task_id != task_id, _t.status == TaskStatus.RUNNING.value)
    tasks_before = exists().where(*running, _t.lease_expires_at > now(), _is_before(task_id, claimed_at))
    rendering = (_d.version == digest, _d.lease_expires_at > now(), _d.used_at < claimed_at)
    return select(or_(tasks_before, exists().where(*rendering)).label("is_under_way"))


@prepared
def _of_task(digest: str) -> Select[Any]:
    outputs = {name: _t[f"output_{name}"] for name in ("key", "format", "width", "height", "bytes", "sha256")}
    columns = [*(column.label(name) for name, column in outputs.items()), _t.analysis, _t.render_report]
    return select(*columns).where(_t.render_digest == digest, _t.status == TaskStatus.SUCCEEDED.value).limit(1)


@prepared
def _of_delivery(digest: str) -> Select[Any]:
    columns = (_d.render_id, _d.format, _d.bytes, _d.rendered)
    return select(*columns).where(_d.version == digest, _d.bytes.is_not(None))


def _shared(*, render_id: UUID, rendered: dict[str, Any] | None, **output: Any) -> SharedRender | None:  # noqa: ANN401 - columns
    """Return the output that delivery stored. None: it was stored by a version that recorded nothing of it."""
    if rendered is None:
        return None
    return SharedRender(key=delivered_key(render_id), analysis=None, **output, **rendered)
