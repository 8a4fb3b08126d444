"""Source images as rows: their owner, format and the key of their object."""

import builtins
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, case, func, insert, null, select
from sqlalchemy.exc import IntegrityError

from core.errors import ImageInUse, Unauthenticated
from core.labels import NO_LABELS, Labels
from core.tasks import OPEN, TaskStatus
from storage.sql.auxiliary_images import keys_of, used_by_open_task
from storage.sql.clock import now
from storage.sql.database import Database, violates_foreign_key
from storage.sql.deletion import Removed, delete_images, remove_unneeded_images, source_of
from storage.sql.engines.prepared import Prepared
from storage.sql.labels import images_with, index_image_tags
from storage.sql.schema import images, tasks, users
from storage.sql.statements import bind, parameters, prepared


@dataclass(frozen=True, slots=True, kw_only=True)
class NewImage:
    """An image whose object is complete and whose row is not written yet."""

    image_id: UUID
    key: str
    format: str
    bytes: int
    sha256: str
    file_name: str | None = None  # the client's, without extension
    reference: str | None = None  # the client's, as are the tags
    tags: tuple[str, ...] = ()
    idempotency_key: str | None = None  # of the upload


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredImage(NewImage):
    """`unused_since` is when its last task ended, of an image that came with one and that no open task uses."""

    owner_id: UUID
    created_at: datetime
    unused_since: datetime | None = None


class ImageRepository:
    """Each method is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(self, owner_id: UUID, image: NewImage) -> StoredImage:
        """Add the row of an uploaded image. Raises Unauthenticated if the owner was deleted.

        Return the earlier image, which has another id, if the idempotency key was used before.
        """
        try:
            async with self._database.writing() as connection:
                (created,) = await connection.fetch(insert_image(owner_id, image, came_with_task=False))
                await index_image_tags(connection, image.image_id, image.tags, owner_id=owner_id)
            return _image({"owner_id": owner_id, **_row_of(image), **created})
        except IntegrityError as error:
            if violates_foreign_key(error):
                raise Unauthenticated("The user was deleted.") from error
            first = await self.by_idempotency_key(image.idempotency_key, owner_id=owner_id)
            if first is None:
                raise
            return first

    async def by_idempotency_key(self, key: str | None, *, owner_id: UUID) -> StoredImage | None:
        if key is None:
            return None
        statement = select(*_COLUMNS, _UNUSED_SINCE).where(
            images.c.owner_id == owner_id, images.c.idempotency_key == key
        )
        async with self._database.reading() as connection:
            row = (await connection.execute(statement)).mappings().one_or_none()
        return _image(row) if row else None

    async def get(self, image_id: UUID, *, owner_id: UUID) -> StoredImage | None:
        async with self._database.reading() as connection:
            found = await connection.fetch(_owned(image_id, owner_id))
        return _image(found[0]) if found else None

    async def owner_of(self, image_id: UUID) -> UUID | None:
        """Return the owner, unless the image is unknown or the owner disabled."""
        owned = select(images.c.owner_id).join(users, users.c.user_id == images.c.owner_id)
        statement = owned.where(images.c.image_id == image_id, users.c.disabled_at.is_(None))
        async with self._database.reading() as connection:
            return (await connection.execute(statement)).scalar_one_or_none()

    async def list(
        self, owner_id: UUID, *, labels: Labels = NO_LABELS, limit: int, before: UUID | None = None
    ) -> list[StoredImage]:
        """Return images with these labels, newest first. `before` is the last image_id of the previous page."""
        statement = (
            select(*_COLUMNS, _UNUSED_SINCE)
            .where(images.c.owner_id == owner_id, *images_with(labels, owner_id=owner_id))
            .order_by(images.c.image_id.desc())
            .limit(limit)
        )
        if before:
            statement = statement.where(images.c.image_id < before)
        async with self._database.reading() as connection:
            return [_image(row) for row in (await connection.execute(statement)).mappings()]

    async def delete(self, image_id: UUID, *, owner_id: UUID) -> builtins.list[str] | None:
        """Return the keys of objects to delete; None if not found. Raises ImageInUse while an open task needs it."""
        owned = (images.c.image_id == image_id) & (images.c.owner_id == owner_id)
        in_use = select(tasks.c.task_id).where(tasks.c.image_id == image_id, tasks.c.status.in_(OPEN)).limit(1)
        async with self._database.writing() as connection:
            # The lock on the row blocks the creation of tasks with this image until it is deleted.
            await connection.execute(select(images.c.image_id).where(owned).with_for_update())
            removed = await delete_images(connection, and_(owned, ~in_use.exists(), ~used_by_open_task()))
            if not removed.count and (await connection.execute(select(images.c.image_id).where(owned))).first():
                raise ImageInUse("An unfinished task needs this image. Cancel the task, or wait until it has ended.")
        return removed.keys if removed.count else None

    async def delete_some(self, *, owner_id: UUID, created_before: datetime, only_unused: bool, limit: int) -> Removed:
        """Delete up to `limit` images of the owner that no open task needs, or that no task uses, the oldest first."""
        chosen = (images.c.owner_id == owner_id) & (images.c.created_at < created_before)
        if only_unused:
            chosen &= ~source_of(*TaskStatus)
        async with self._database.writing() as connection:
            return await remove_unneeded_images(connection, chosen, limit=limit)

    async def auxiliary_keys(self, task_id: UUID) -> dict[UUID, str]:
        """Return the object keys of a task's auxiliary images by image_id, without those deleted meanwhile."""
        async with self._database.reading() as connection:
            rows = (await connection.execute(keys_of(task_id))).all()
        return {row.image_id: row.key for row in rows}

    async def known_ids(self, image_ids: set[UUID]) -> set[UUID]:
        """Return the ids that have a row, whoever owns it."""
        statement = select(images.c.image_id).where(images.c.image_id.in_(image_ids))
        async with self._database.reading() as connection:
            return set((await connection.execute(statement)).scalars())


def insert_image(owner_id: UUID, image: NewImage, *, came_with_task: bool) -> Prepared:
    """Return the statement. An image that `came_with_task` is deleted with the last task that uses it."""
    return bind(_INSERT, {**_row_of(image), "owner_id": owner_id, "came_with_task": came_with_task})


def _row_of(image: NewImage) -> dict[str, Any]:
    return {**{name: getattr(image, name) for name in _GIVEN}, "tags": image.tags or None}


_COLUMNS = [column for column in images.c if column.name != "came_with_task"]
_GIVEN = tuple(NewImage.__dataclass_fields__)
_INSERT = (
    insert(images)
    .values(created_at=now(), **parameters((*_GIVEN, "owner_id", "came_with_task")))
    .returning(images.c.created_at)
)
_LAST_END = select(func.max(tasks.c.finished_at)).where(tasks.c.image_id == images.c.image_id).scalar_subquery()
_UNUSED_SINCE = case((images.c.came_with_task & ~source_of(*OPEN), _LAST_END), else_=null()).label("unused_since")


@prepared
def _owned(image_id: UUID, owner_id: UUID) -> Select[Any]:
    statement = select(*_COLUMNS, _UNUSED_SINCE)
    return statement.where(images.c.image_id == image_id, images.c.owner_id == owner_id)


def _image(row: Mapping[Any, Any]) -> StoredImage:
    return StoredImage(**{**row, "tags": tuple(row["tags"] or ())})
