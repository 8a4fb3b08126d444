"""Races: the first one wins, all others are notified, and nobody waits forever."""

import asyncio
from collections import Counter
from uuid import UUID

from core.errors import ImageInUse, NotFound
from core.tasks import Task
from storage.sql.images import ImageRepository
from storage.sql.tasks.repository import TaskRepository
from tests.contract.tasks_in_states import LONG, Owner, new_image, output_of


async def test_forty_claims_have_one_winner(tasks: TaskRepository, owner: Owner) -> None:
    task = await owner.task()
    claims = [tasks.claim(task.task_id, worker_id=f"w{n}", lease_seconds=LONG) for n in range(40)]
    won = [claimed for claimed in await asyncio.gather(*claims) if claimed]
    assert [claimed.attempt for claimed in won] == [1]


async def test_redelivered_messages_never_share_an_attempt(tasks: TaskRepository, owner: Owner) -> None:
    task = await owner.task()
    claims = [
        tasks.claim(task.task_id, worker_id=f"w{n}", lease_seconds=LONG, missed_heartbeat_seconds=0) for n in range(20)
    ]
    won = [claimed.attempt for claimed in await asyncio.gather(*claims) if claimed]
    assert sorted(won) == [1, 2, 3]
    ends = [tasks.succeed(task.task_id, attempt, output=output_of(task.task_id, attempt)) for attempt in won]
    assert sum(await asyncio.gather(*ends)) == 1


async def test_one_end_only(tasks: TaskRepository, owner: Owner) -> None:
    for _ in range(10):
        task = await owner.running()
        ends = await asyncio.gather(
            tasks.succeed(task.task_id, 1, output=output_of(task.task_id, 1)),
            tasks.fail(task.task_id, 1, code="timeout", detail="Too slow."),
            tasks.retry(task.task_id, 1, delay_seconds=0, code="timeout", detail="Too slow."),
            tasks.hand_back(task.task_id, 1),
        )
        assert sum(map(bool, ends)) == 1


async def test_no_task_is_taken_twice_within_the_stale_window(tasks: TaskRepository, owner: Owner) -> None:
    made = {(await owner.task()).task_id for _ in range(30)}
    batches = await asyncio.gather(*(tasks.hold_unpublished(stale_seconds=LONG, limit=7) for _ in range(12)))
    batches += [await tasks.hold_unpublished(stale_seconds=LONG)]
    taken = Counter(task.task_id for batch in batches for task in batch)
    assert taken == Counter(made)


async def test_reclaim_takes_each_task_once(tasks: TaskRepository, owner: Owner) -> None:
    made = {(await owner.lost()).task_id for _ in range(10)}
    batches = await asyncio.gather(*(tasks.reclaim_expired() for _ in range(8)))
    assert Counter(task.task_id for batch in batches for task in batch) == Counter(made)


async def test_an_image_goes_or_gets_its_task_but_never_both(
    tasks: TaskRepository, images: ImageRepository, owner: Owner
) -> None:
    async def create(image_id: UUID, key: str) -> Task | None:
        try:
            return await owner.task_on(image_id, key)
        except NotFound:
            return None

    async def delete(image_id: UUID) -> list[str] | None:
        try:
            return await images.delete(image_id, owner_id=owner.owner_id)
        except ImageInUse:
            return None

    for _ in range(25):
        image = await images.create(owner.owner_id, new_image())
        task, deleted = await asyncio.gather(create(image.image_id, image.key), delete(image.image_id))
        assert (task is None) == (deleted is not None)
        if task:
            stored = await tasks.get(task.task_id, owner_id=owner.owner_id)
            assert stored
            assert stored.image_id == image.image_id


async def test_a_source_goes_with_its_last_task_and_never_before(
    tasks: TaskRepository, images: ImageRepository, owner: Owner
) -> None:
    for _ in range(15):
        first = await owner.task()
        assert first.image_id
        second, keys, _ = await asyncio.gather(
            _try_task_on(owner, first.image_id, first.source_key),
            tasks.delete(first.task_id, owner_id=owner.owner_id),
            tasks.purge(retention_seconds=LONG),
        )
        assert keys in ([], [first.source_key])
        assert (second is None) == (keys == [first.source_key])
        kept = await images.get(first.image_id, owner_id=owner.owner_id)
        assert (kept is None) == (second is None)


async def _try_task_on(owner: Owner, image_id: UUID, key: str) -> Task | None:
    try:
        return await owner.task_on(image_id, key)
    except NotFound:
        return None


async def test_deleting_image_and_task_at_once_does_not_lock_up(
    tasks: TaskRepository, images: ImageRepository, owner: Owner
) -> None:
    for _ in range(15):
        task = await owner.failed()
        assert task.image_id
        by_task, by_image = await asyncio.gather(
            tasks.delete(task.task_id, owner_id=owner.owner_id),
            images.delete(task.image_id, owner_id=owner.owner_id),
        )
        # Whoever was first names the source; should both, deleting an object twice is fine.
        assert task.source_key in [*(by_task or []), *(by_image or [])]
