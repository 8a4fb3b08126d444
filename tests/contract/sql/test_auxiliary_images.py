"""Images that steps name are kept while the task is open, whatever else is deleted meanwhile."""

import asyncio
from uuid import UUID

import pytest

from core.errors import ImageInUse, NotFound
from core.ids import uuid7
from core.tasks import Task
from storage import NewImage
from storage.sql.images import ImageRepository
from storage.sql.tasks.repository import TaskRepository
from tests.contract.tasks_in_states import LONG, Owner, new_image


async def _task_with(owner: Owner, *images: NewImage) -> Task:
    source = new_image()
    return await owner.tasks.create(
        task_id=uuid7(),
        owner_id=owner.owner_id,
        image=source,
        image_id=source.image_id,
        source_key=source.key,
        pipeline=[],
        output_options={},
        request_id=None,
        auxiliary_image_ids=[image.image_id for image in images],
    )


async def test_their_keys_are_remembered(images: ImageRepository, owner: Owner) -> None:
    first, second = [await images.create(owner.owner_id, new_image()) for _ in range(2)]
    task = await _task_with(owner, first, second, first)
    assert await images.auxiliary_keys(task.task_id) == {each.image_id: each.key for each in (first, second)}
    assert await images.auxiliary_keys((await owner.task()).task_id) == {}


async def test_another_users_are_not_to_be_had(
    images: ImageRepository, tasks: TaskRepository, owner: Owner, other_user_id: UUID
) -> None:
    mine = await images.create(owner.owner_id, new_image())
    for theirs in (new_image(), await images.create(other_user_id, new_image())):
        with pytest.raises(NotFound):
            await _task_with(owner, mine, theirs)
    assert await tasks.list(owner_id=owner.owner_id, limit=9) == []


async def test_one_that_an_open_task_needs_is_not_deleted(
    images: ImageRepository, tasks: TaskRepository, owner: Owner
) -> None:
    image = await images.create(owner.owner_id, new_image())
    task = await _task_with(owner, image)
    with pytest.raises(ImageInUse):
        await images.delete(image.image_id, owner_id=owner.owner_id)
    await tasks.claim(task.task_id, worker_id="first", lease_seconds=LONG)
    with pytest.raises(ImageInUse):
        await images.delete(image.image_id, owner_id=owner.owner_id)
    await tasks.cancel(task.task_id, owner_id=owner.owner_id)
    assert await images.delete(image.image_id, owner_id=owner.owner_id) == [image.key]
    assert await images.auxiliary_keys(task.task_id) == {}


async def test_one_that_came_with_another_task_goes_with_the_last_that_needs_it(
    images: ImageRepository, tasks: TaskRepository, owner: Owner
) -> None:
    image = new_image()
    first = await owner.task(image=image)
    second = await _task_with(owner, image)
    assert await tasks.delete(first.task_id, owner_id=owner.owner_id) == []
    assert await images.get(image.image_id, owner_id=owner.owner_id)
    keys = await tasks.delete(second.task_id, owner_id=owner.owner_id)
    assert set(keys or []) == {image.key, second.source_key}


async def test_one_uploaded_by_itself_stays(images: ImageRepository, tasks: TaskRepository, owner: Owner) -> None:
    image = await images.create(owner.owner_id, new_image())
    task = await _task_with(owner, image)
    assert await tasks.delete(task.task_id, owner_id=owner.owner_id) == [task.source_key]
    assert await images.get(image.image_id, owner_id=owner.owner_id)


async def test_a_task_is_made_before_the_deletion_or_not_at_all(images: ImageRepository, owner: Owner) -> None:
    for _ in range(10):
        image = await images.create(owner.owner_id, new_image())
        made, deleted = await asyncio.gather(
            _task_with(owner, image),
            images.delete(image.image_id, owner_id=owner.owner_id),
            return_exceptions=True,
        )
        assert isinstance(made, NotFound) == (deleted == [image.key])
        assert isinstance(made, Task) == isinstance(deleted, ImageInUse)
