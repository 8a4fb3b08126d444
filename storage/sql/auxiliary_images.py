"""Which pictures the steps of a task name, besides its source: kept for as long as the task is open."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import Exists, Select, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from core.errors import NotFound
from core.tasks import OPEN
from storage.sql.schema import images, second_pictures, tasks

_s = second_pictures.c


async def lock_images(connection: AsyncConnection, image_ids: Collection[UUID], *, owner_id: UUID) -> None:
    """Against their deletion. Raises NotFound unless all are the owner's."""
    mine = select(images.c.image_id).where(images.c.image_id.in_(image_ids), images.c.owner_id == owner_id)
    locked = mine.order_by(images.c.image_id).with_for_update(read=True, key_share=True)
    if len((await connection.execute(locked)).all()) < len(set(image_ids)):
        raise NotFound("There is no such image.")


async def remember(connection: AsyncConnection, task_id: UUID, image_ids: Collection[UUID]) -> None:
    if image_ids:
        rows = [{"task_id": task_id, "image_id": image_id} for image_id in sorted(set(image_ids))]
        await connection.execute(insert(second_pictures), rows)


def keys_of(task_id: UUID) -> Select[Any]:
    pictures = images.join(second_pictures, _s.image_id == images.c.image_id)
    return (
        select(images.c.image_id, images.c.key)
        .select_from(pictures)
        .where(_s.task_id == task_id)
        .order_by(images.c.image_id)
    )


def named_by(task_ids: Collection[UUID]) -> Select[Any]:
    return select(_s.image_id).where(_s.task_id.in_(task_ids))


def named_by_open_task() -> Exists:
    """Of a row of images."""
    return (
        select(_s.task_id)
        .join(tasks, tasks.c.task_id == _s.task_id)
        .where(_s.image_id == images.c.image_id, tasks.c.status.in_(OPEN))
        .exists()
    )
