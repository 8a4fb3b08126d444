"""Finds tasks and images by the labels of their owner. A row has its tags itself; the tables of tags are its index."""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Table, insert, select

from core.labels import Labels
from storage.sql.engines.interface import Connection
from storage.sql.schema import image_tags, images, task_tags, tasks


async def index_task_tags(connection: Connection, task_id: UUID, tags: Sequence[str], *, owner_id: UUID) -> None:
    if tags:
        await connection.execute(insert(task_tags), _rows(tags, task_id=task_id, owner_id=owner_id))


async def index_image_tags(connection: Connection, image_id: UUID, tags: Sequence[str], *, owner_id: UUID) -> None:
    if tags:
        await connection.execute(insert(image_tags), _rows(tags, image_id=image_id, owner_id=owner_id))


def tasks_with(labels: Labels, *, owner_id: UUID) -> Iterator[ColumnElement[bool]]:
    """Yield the conditions on tasks of the owner that have this reference, if there is one, and all of these tags."""
    if labels.reference is not None:
        yield tasks.c.reference == labels.reference
    for tag in labels.tags:
        yield tasks.c.task_id.in_(_tagged(task_tags, "task_id", tag, owner_id))


def images_with(labels: Labels, *, owner_id: UUID) -> Iterator[ColumnElement[bool]]:
    """Yield the same conditions on images."""
    if labels.reference is not None:
        yield images.c.reference == labels.reference
    for tag in labels.tags:
        yield images.c.image_id.in_(_tagged(image_tags, "image_id", tag, owner_id))


def _tagged(table: Table, name: str, tag: str, owner_id: UUID) -> Any:  # noqa: ANN401 - a SELECT of one column
    return select(table.c[name]).where(table.c.owner_id == owner_id, table.c.tag == tag)


def _rows(tags: Sequence[str], **others: UUID) -> list[dict[str, Any]]:
    return [{**others, "tag": tag} for tag in tags]
