"""What a task remembers, who may see it, and what goes when it goes."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from core.errors import ImageInUse, NotFound
from core.ids import uuid7
from core.tasks import Task, TaskStatus
from storage.sql.images import ImageRepository
from storage.sql.tasks.queries import IdempotencyKey
from storage.sql.tasks.repository import TaskRepository
from tests.contract.tasks_in_states import LONG, Owner, new_image, output_of


async def test_a_new_task_comes_back_as_it_was_given(tasks: TaskRepository, owner: Owner) -> None:
    image = new_image()
    task = await owner.task(image=image)
    assert (task.status, task.attempt, task.started_at, task.finished_at, task.output) == (
        "queued",
        0,
        None,
        None,
        None,
    )
    assert task.pipeline == ({"filter": "blur", "sigma": 2.5}, {"filter": "sepia"})
    assert (task.output_options, task.request_id) == ({"format": "png"}, "request-1")
    assert (task.image_id, task.source_key) == (image.image_id, image.key)
    assert abs(task.created_at - datetime.now(UTC)) < timedelta(minutes=5)
    assert task.created_at.tzinfo == UTC
    assert (task.analysis, task.render_report) == (None, None)
    assert await tasks.get(task.task_id, owner_id=owner.owner_id) == task


async def test_the_image_of_a_new_task_is_there_too(images: ImageRepository, owner: Owner) -> None:
    image = new_image()
    await owner.task(image=image)
    stored = await images.get(image.image_id, owner_id=owner.owner_id)
    assert stored
    assert (stored.key, stored.format, stored.bytes, stored.sha256) == (image.key, "png", 10, image.sha256)


async def test_a_task_on_an_image_of_somebody_else_is_not_made(
    images: ImageRepository, owner: Owner, other_user_id: UUID
) -> None:
    theirs = await images.create(other_user_id, new_image())
    for image_id in (theirs.image_id, uuid7()):
        with pytest.raises(NotFound):
            await owner.task_on(image_id, theirs.key)


async def test_success_is_remembered(tasks: TaskRepository, owner: Owner) -> None:
    task = await owner.running()
    output = output_of(task.task_id, 1)
    report = {"passes": [{"milliseconds": 0.25}]}
    await tasks.succeed(task.task_id, 1, output=output, analysis={"info": {}}, render_report=report)
    ended = await tasks.get(task.task_id, owner_id=owner.owner_id)
    assert ended
    assert (ended.status, ended.output, ended.error_code) == ("succeeded", output, None)
    assert (ended.analysis, ended.render_report) == ({"info": {}}, report)
    assert ended.started_at
    assert ended.finished_at
    assert ended.created_at <= ended.started_at <= ended.finished_at


async def test_failure_is_remembered(tasks: TaskRepository, owner: Owner) -> None:
    task = await owner.failed()
    ended = await tasks.get(task.task_id, owner_id=owner.owner_id)
    assert ended
    assert (ended.status, ended.error_code, ended.error_detail) == ("failed", "invalid_image", "not an image.")


async def test_lists_are_paged_newest_first(tasks: TaskRepository, owner: Owner) -> None:
    made = [(await owner.task()).task_id for _ in range(5)]
    first = await tasks.list(owner_id=owner.owner_id, status=None, limit=3, before=None)
    second = await tasks.list(owner_id=owner.owner_id, status=None, limit=3, before=first[-1].task_id)
    assert [task.task_id for task in first + second] == made[::-1]


async def test_lists_can_be_of_one_status(tasks: TaskRepository, owner: Owner) -> None:
    made = {state: (await make()).task_id for state, make in owner.states().items()}
    running = await tasks.list(owner_id=owner.owner_id, status=TaskStatus.RUNNING, limit=10)
    assert {task.task_id for task in running} == {made["running"], made["lost"]}


async def test_another_users_task_is_not_found(tasks: TaskRepository, owner: Owner, other_user_id: UUID) -> None:
    task = await owner.task()
    assert await tasks.get(task.task_id, owner_id=other_user_id) is None
    assert await tasks.list(owner_id=other_user_id, limit=10) == []
    assert await tasks.cancel(task.task_id, owner_id=other_user_id) is None
    assert await tasks.delete(task.task_id, owner_id=other_user_id) is None
    assert await tasks.get(task.task_id, owner_id=owner.owner_id) == task


async def test_find(tasks: TaskRepository, owner: Owner) -> None:
    known = (await owner.task()).task_id
    assert [task.task_id for task in await tasks.find({known, uuid7()})] == [known]
    assert await tasks.find(set()) == []
    assert await tasks.exists(known)
    assert not await tasks.exists(uuid7())


async def test_delete_names_the_output_and_the_source_that_came_with_the_task(
    tasks: TaskRepository, images: ImageRepository, owner: Owner
) -> None:
    task = await owner.succeeded()
    assert task.image_id
    keys = await tasks.delete(task.task_id, owner_id=owner.owner_id)
    assert keys == [output_of(task.task_id, 1).key, task.source_key]
    assert await images.get(task.image_id, owner_id=owner.owner_id) is None
    assert await tasks.delete(task.task_id, owner_id=owner.owner_id) is None


async def test_delete_keeps_a_source_that_another_task_uses(tasks: TaskRepository, owner: Owner) -> None:
    first = await owner.task()
    assert first.image_id
    second = await owner.task_on(first.image_id, first.source_key)
    assert await tasks.delete(first.task_id, owner_id=owner.owner_id) == []
    assert await tasks.delete(second.task_id, owner_id=owner.owner_id) == [first.source_key]


async def test_delete_keeps_a_source_that_was_uploaded_on_its_own(
    tasks: TaskRepository, images: ImageRepository, owner: Owner
) -> None:
    image = await images.create(owner.owner_id, new_image())
    task = await owner.task_on(image.image_id, image.key)
    assert await tasks.delete(task.task_id, owner_id=owner.owner_id) == []
    assert await images.get(image.image_id, owner_id=owner.owner_id) == image


async def test_purge_takes_only_what_ended_long_ago(tasks: TaskRepository, owner: Owner) -> None:
    old, kept = await owner.succeeded(), await owner.running()
    assert await tasks.purge(retention_seconds=LONG) == []
    assert set(await tasks.purge(retention_seconds=0)) == {output_of(old.task_id, 1).key, old.source_key}
    assert [task.task_id for task in await tasks.find({old.task_id, kept.task_id})] == [kept.task_id]


async def test_purge_goes_by_batches(tasks: TaskRepository, owner: Owner) -> None:
    for _ in range(3):
        await owner.failed()
    assert [len(await tasks.purge(retention_seconds=0, limit=2)) for _ in range(3)] == [2, 1, 0]


async def test_an_image_that_an_open_task_needs_is_not_deleted(
    tasks: TaskRepository, images: ImageRepository, owner: Owner
) -> None:
    task = await owner.running()
    assert task.image_id
    with pytest.raises(ImageInUse):
        await images.delete(task.image_id, owner_id=owner.owner_id)
    await tasks.fail(task.task_id, 1, code="invalid_image", detail="not an image.")
    assert await images.delete(task.image_id, owner_id=owner.owner_id) == [task.source_key]
    ended = await tasks.get(task.task_id, owner_id=owner.owner_id)
    assert ended
    assert (ended.image_id, ended.source_key) == (None, task.source_key)


async def test_the_queue_is_measured(tasks: TaskRepository, owner: Owner) -> None:
    before = await tasks.measure_queue()
    for bring_about in owner.states().values():
        await bring_about()
    await asyncio.sleep(0.05)
    after = await tasks.measure_queue()
    assert (after.queued - before.queued, after.running - before.running) == (2, 2)
    assert after.oldest_seconds >= 0.05


async def test_what_is_not_due_yet_is_not_waiting(tasks: TaskRepository, owner: Owner) -> None:
    task = await owner.delayed()
    assert (await tasks.measure_queue()).oldest_seconds == 0
    assert await tasks.cancel(task.task_id, owner_id=owner.owner_id)


class TestIdempotencyKeys:
    """Holds promise 11, as the repository keeps it."""

    async def order(self, owner: Owner, key: str, *, order_sha256: str = "a" * 64) -> Task:
        image = new_image()
        return await owner.tasks.create(
            task_id=uuid7(),
            owner_id=owner.owner_id,
            image=image,
            image_id=image.image_id,
            source_key=image.key,
            pipeline=[],
            output_options={},
            request_id=None,
            idempotency=IdempotencyKey(key=key, order_sha256=order_sha256),
        )

    async def test_fifty_at_once_make_one_task(self, owner: Owner) -> None:
        """Holds promise 11."""
        made = await asyncio.gather(*(self.order(owner, "once", order_sha256=f"{n:064}") for n in range(50)))
        assert len({(task.task_id, task.order_sha256) for task in made}) == 1
        assert len(await owner.tasks.list(owner_id=owner.owner_id, limit=100)) == 1

    async def test_a_key_is_valid_for_one_owner_and_as_long_as_the_row(
        self, owner: Owner, tasks: TaskRepository, other_user_id: UUID
    ) -> None:
        first = await self.order(owner, "once")
        theirs = await self.order(Owner(other_user_id, tasks), "once")
        assert theirs.task_id != first.task_id
        assert await tasks.by_idempotency_key("once", owner_id=owner.owner_id) == first
        assert (await self.order(owner, "twice")).task_id != first.task_id
        await tasks.delete(first.task_id, owner_id=owner.owner_id)
        assert (await self.order(owner, "once")).task_id != first.task_id
