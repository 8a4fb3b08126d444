"""Auxiliary images of tasks: those that steps refer to, besides the source. They are kept while the task is open."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import Exists, Select, insert, select

from core.errors import NotFound
from core.tasks import OPEN
from storage.sql.engines.interface import Connection
from storage.sql.schema import auxiliary_images, images, tasks

_a = auxiliary_images.c


async def lock_images(connection: Connection, image_ids: Collection[UUID], *, owner_id: UUID) -> None:
    """Lock these images against deletion. Raises NotFound unless the owner has all of them."""
    if not image_ids:
        return
    locked = (await connection.execute(_lock(image_ids, owner_id))).all()
    if len(locked) < len(set(image_ids)):
        raise NotFound("Image not found. Upload it with POST /v1/images first.")


def _lock(image_ids: Collection[UUID], owner_id: UUID) -> Select[Any]:
    owned = select(images.c.image_id).where(images.c.image_id.in_(image_ids), images.c.owner_id == owner_id)
    return owned.order_by(images.c.image_id).with_for_update(read=True, key_share=True)


async def link_images(connection: Connection, task_id: UUID, image_ids: Collection[UUID]) -> None:
    """Record that steps of the task refer to these images."""
    if image_ids:
        rows = [{"task_id": task_id, "image_id": image_id} for image_id in sorted(set(image_ids))]
        await connection.execute(insert(auxiliary_images), rows)


def keys_of(task_id: UUID) -> Select[Any]:
    """Return the query for `image_id` and `key` of a task's auxiliary images."""
    return (
        select(images.c.image_id, images.c.key)
        .select_from(images.join(auxiliary_images, _a.image_id == images.c.image_id))
        .where(_a.task_id == task_id)
        .order_by(images.c.image_id)
    )


def ids_of(task_ids: Collection[UUID]) -> Select[Any]:
    """Return the query for the ids of the auxiliary images of these tasks."""
    return select(_a.image_id).where(_a.task_id.in_(task_ids))


def used_by_open_task() -> Exists:
    """Return the condition on a row of `images` that an open task uses it as an auxiliary image."""
    return (
        select(_a.task_id)
        .join(tasks, tasks.c.task_id == _a.task_id)
        .where(_a.image_id == images.c.image_id, tasks.c.status.in_(OPEN))
        .exists()
    )
