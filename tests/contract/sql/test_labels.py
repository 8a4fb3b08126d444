"""Tasks and images are found by the labels of their owner, on both databases."""

from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import func, select

from core.ids import uuid7
from core.labels import Labels
from core.tasks import Task
from storage.sql.accounts.users import UserRepository
from storage.sql.database import Database
from storage.sql.images import ImageRepository, StoredImage
from storage.sql.schema import image_tags, task_tags
from storage.sql.tasks.repository import TaskRepository
from tests.contract.tasks_in_states import Owner, new_image

_LABELS = [Labels(reference="order 7", tags=("red", "shoes")), Labels(reference="order 8", tags=("shoes",)), Labels()]
_SEARCHES = [
    (Labels(), [2, 1, 0]),
    (Labels(reference="order 7"), [0]),
    (Labels(reference="order"), []),
    (Labels(tags=("shoes",)), [1, 0]),
    (Labels(tags=("shoes", "red")), [0]),
    (Labels(reference="order 8", tags=("red",)), []),
]


async def task_with(owner: Owner, labels: Labels, *, owner_id: UUID | None = None) -> Task:
    image = new_image()
    return await owner.tasks.create(
        task_id=uuid7(),
        owner_id=owner_id or owner.owner_id,
        image=image,
        image_id=image.image_id,
        source_key=image.key,
        pipeline=[],
        output_options={},
        request_id=None,
        labels=labels,
        disposition="inline",
    )


async def image_with(images: ImageRepository, labels: Labels, *, owner_id: UUID) -> StoredImage:
    return await images.create(owner_id, replace(new_image(), reference=labels.reference, tags=labels.tags))


@pytest.mark.parametrize(("search", "found"), _SEARCHES)
async def test_tasks_are_found_by_labels(
    tasks: TaskRepository, owner: Owner, other_user_id: UUID, search: Labels, found: list[int]
) -> None:
    created = [await task_with(owner, each) for each in _LABELS]
    await task_with(owner, _LABELS[0], owner_id=other_user_id)
    listed = await tasks.list(owner_id=owner.owner_id, labels=search, limit=10)
    assert listed == [created[index] for index in found]


@pytest.mark.parametrize(("search", "found"), _SEARCHES)
async def test_images_are_found_by_labels(
    images: ImageRepository, owner: Owner, other_user_id: UUID, search: Labels, found: list[int]
) -> None:
    created = [await image_with(images, each, owner_id=owner.owner_id) for each in _LABELS]
    await image_with(images, _LABELS[0], owner_id=other_user_id)
    assert await images.list(owner.owner_id, labels=search, limit=10) == [created[index] for index in found]


async def test_labels_come_back_after_every_transition(tasks: TaskRepository, owner: Owner) -> None:
    task = await task_with(owner, _LABELS[0])
    claimed = await tasks.claim(task.task_id, worker_id="w", lease_seconds=60)
    assert claimed
    for each in (task, claimed, await tasks.get(task.task_id, owner_id=owner.owner_id)):
        assert each
        assert (each.reference, each.tags, each.is_shown_inline) == ("order 7", ("red", "shoes"), True)


async def test_labels_go_with_their_task_or_image(
    database: Database, images: ImageRepository, tasks: TaskRepository, owner: Owner
) -> None:
    task = await task_with(owner, _LABELS[0])
    image = await image_with(images, _LABELS[0], owner_id=owner.owner_id)
    assert await _count_tags(database, owner.owner_id) == [2, 2]
    await tasks.delete(task.task_id, owner_id=owner.owner_id)
    await images.delete(image.image_id, owner_id=owner.owner_id)
    assert await _count_tags(database, owner.owner_id) == [0, 0]


async def test_labels_go_with_their_owner(
    database: Database, images: ImageRepository, users: UserRepository, owner: Owner
) -> None:
    await task_with(owner, _LABELS[0])
    await image_with(images, _LABELS[0], owner_id=owner.owner_id)
    while await users.erase_some(owner.owner_id) is not None:
        pass
    assert await _count_tags(database, owner.owner_id) == [0, 0]


async def _count_tags(database: Database, owner_id: UUID) -> list[int]:
    counts = []
    async with database.reading() as connection:
        for table in (task_tags, image_tags):
            query = select(func.count()).select_from(table).where(table.c.owner_id == owner_id)
            counts.append((await connection.execute(query)).scalar_one())
    return counts
