"""Deletes rows and returns the keys of their objects, which the caller deletes after the commit."""

from dataclasses import dataclass, field, replace
from uuid import UUID

from sqlalchemy import ColumnElement, Exists, and_, delete, select

from core.keys import delivered_key
from core.tasks import OPEN, TaskStatus
from storage.sql.auxiliary_images import ids_of, used_by_open_task
from storage.sql.clock import now
from storage.sql.engines.interface import Connection
from storage.sql.schema import delivered_images, images, tasks


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """`count` tasks or images were deleted; `keys` are those of the objects to delete. `has_more` may match as well."""

    count: int = 0
    keys: list[str] = field(default_factory=list)
    has_more: bool = False


async def remove_tasks(connection: Connection, condition: ColumnElement[bool], *, limit: int) -> Removed:
    """Delete up to `limit` tasks, and images that came with them and that no other task uses.

    Images are locked before tasks, as in the deletion of an image: in two orders the two would deadlock.
    """
    chosen = select(tasks.c.task_id, tasks.c.image_id).where(condition).order_by(tasks.c.task_id).limit(limit)
    found = (await connection.execute(chosen)).all()
    if not found:
        return Removed()
    task_ids = [row.task_id for row in found]
    auxiliary_ids = (await connection.execute(ids_of(task_ids))).scalars()
    image_ids = {row.image_id for row in found if row.image_id}.union(auxiliary_ids)
    lock = select(images.c.image_id).where(images.c.image_id.in_(image_ids)).order_by(images.c.image_id)
    await connection.execute(lock.with_for_update())
    removed = delete(tasks).where(tasks.c.task_id.in_(task_ids), condition)
    rows = (await connection.execute(removed.returning(tasks.c.output_key))).all()
    outputs = [row.output_key for row in rows if row.output_key]
    sources = await _remove_unused(connection, image_ids) if rows else []
    return Removed(count=len(rows), keys=outputs + sources, has_more=len(found) == limit)


async def _remove_unused(connection: Connection, image_ids: set[UUID]) -> list[str]:
    used = select(tasks.c.task_id).where(tasks.c.image_id == images.c.image_id).exists()
    unused = (images.c.image_id.in_(image_ids), images.c.came_with_task, ~used, ~used_by_open_task())
    return (await delete_images(connection, and_(*unused))).keys


async def remove_unneeded_images(connection: Connection, condition: ColumnElement[bool], *, limit: int) -> Removed:
    """Delete up to `limit` images that no open task needs. Locked first, so that no new task can use them."""
    free = (~source_of(*OPEN), ~used_by_open_task())
    chosen = select(images.c.image_id).where(condition, *free).order_by(images.c.image_id).limit(limit)
    image_ids = list((await connection.execute(chosen.with_for_update())).scalars())
    removed = await delete_images(connection, and_(images.c.image_id.in_(image_ids), *free))
    return replace(removed, has_more=len(image_ids) == limit)


def source_of(*statuses: TaskStatus) -> Exists:
    """Return the condition on a row of `images` that a task in one of these states uses it as its source."""
    return select(tasks.c.task_id).where(tasks.c.image_id == images.c.image_id, tasks.c.status.in_(statuses)).exists()


async def remove_images(connection: Connection, condition: ColumnElement[bool], *, limit: int) -> list[str] | None:
    """Delete up to `limit` images, used or not. Return the keys of objects to delete, or None if no image matched."""
    chosen = select(images.c.image_id).where(condition).order_by(images.c.image_id).limit(limit).with_for_update()
    image_ids = list((await connection.execute(chosen)).scalars())
    return (await delete_images(connection, images.c.image_id.in_(image_ids))).keys or None


async def remove_delivered(connection: Connection, condition: ColumnElement[bool], *, limit: int) -> list[str] | None:
    """Delete up to `limit` delivered images. Return the keys of objects to delete, or None if there was none."""
    chosen = select(delivered_images.c.render_id).where(condition).limit(limit)
    return await _delete_delivered(connection, delivered_images.c.render_id.in_(chosen)) or None


async def delete_images(connection: Connection, condition: ColumnElement[bool]) -> Removed:
    """Delete these images, which the caller has locked, and what was delivered of them, which none can follow then."""
    image_ids = select(images.c.image_id).where(condition)
    delivered = await _delete_delivered(connection, delivered_images.c.image_id.in_(image_ids))
    removed = delete(images).where(condition).returning(images.c.key)
    sources = list((await connection.execute(removed)).scalars())
    return Removed(count=len(sources), keys=sources + delivered)


async def _delete_delivered(connection: Connection, condition: ColumnElement[bool]) -> list[str]:
    removed = delete(delivered_images).where(condition).returning(delivered_images.c.render_id)
    return [delivered_key(render_id) for render_id in (await connection.execute(removed)).scalars()]


def retention_expired(*, retention_seconds: float) -> ColumnElement[bool]:
    return tasks.c.finished_at <= now(plus_seconds=-retention_seconds)
