"""Outputs of the same digest: who finds them, and who waits for whom."""

import asyncio
from typing import Any
from uuid import UUID

import pytest

from core.keys import delivered_key
from core.tasks import Task
from storage.sql.database import Database
from storage.sql.delivered_images import DeliveredImageRepository
from storage.sql.shared_renders import SharedRenderRepository
from storage.sql.tasks.repository import TaskRepository
from tests.contract.tasks_in_states import LONG, Owner, output_of

DIGEST = "d" * 64
REPORT: dict[str, Any] = {"passes": [], "warnings": []}
RENDERED: dict[str, Any] = {"width": 4, "height": 3, "sha256": "e" * 64, "render_report": REPORT}


@pytest.fixture
def shared(database: Database) -> SharedRenderRepository:
    return SharedRenderRepository(database)


@pytest.fixture
def delivered(database: Database) -> DeliveredImageRepository:
    return DeliveredImageRepository(database)


async def claim(owner: Owner, *, digest: str | None = DIGEST, lease_seconds: float = LONG) -> Task:
    task = await owner.task(digest=digest)
    await asyncio.sleep(0.01)  # SQLite's clock has milliseconds
    claimed = await owner.tasks.claim(task.task_id, worker_id="w", lease_seconds=lease_seconds)
    assert claimed
    return claimed


async def waits(shared: SharedRenderRepository, task: Task) -> bool:
    assert task.render_digest
    assert task.started_at
    return await shared.is_under_way(task.render_digest, task_id=task.task_id, claimed_at=task.started_at)


async def succeed(owner: Owner, task: Task) -> None:
    output = output_of(task.task_id, 1)
    assert await owner.tasks.succeed(task.task_id, 1, output=output, analysis={"a": 1}, render_report=REPORT)


async def test_a_task_has_no_twin_before_another_one_of_its_digest_was_claimed(owner: Owner) -> None:
    await owner.task(digest=DIGEST)
    assert not (await claim(owner)).has_twin, "the other one is queued"
    assert (await claim(owner)).has_twin
    assert not (await claim(owner, digest="b" * 64)).has_twin
    assert not (await claim(owner, digest=None)).has_twin
    assert not (await claim(owner, digest=None)).has_twin


async def test_the_output_of_a_task_is_found_while_it_exists(
    owner: Owner, tasks: TaskRepository, shared: SharedRenderRepository
) -> None:
    first = await claim(owner)
    assert await shared.find(DIGEST) is None
    await succeed(owner, first)
    found, output = await shared.find(DIGEST), output_of(first.task_id, 1)
    assert found
    assert (found.key, found.format, found.bytes, found.sha256) == (output.key, "png", 100, output.sha256)
    assert (found.width, found.height, found.analysis, found.render_report) == (4, 3, {"a": 1}, REPORT)
    assert (await claim(owner)).has_twin
    await tasks.delete(first.task_id, owner_id=owner.owner_id)
    assert await shared.find(DIGEST) is None


async def test_of_two_tasks_the_one_that_was_claimed_later_waits(owner: Owner, shared: SharedRenderRepository) -> None:
    first = await claim(owner)
    second = await claim(owner)
    assert await waits(shared, second)
    assert not await waits(shared, first)
    await succeed(owner, first)
    assert not await waits(shared, second)


async def test_nobody_waits_for_who_was_killed_or_begins_again(owner: Owner, shared: SharedRenderRepository) -> None:
    dead = await claim(owner, lease_seconds=0)
    waiting = await claim(owner)
    assert not await waits(shared, waiting), "its lease has ended"
    await asyncio.sleep(0.01)
    again = await owner.tasks.claim(dead.task_id, worker_id="w", lease_seconds=LONG)
    assert again
    assert not await waits(shared, waiting), "it was claimed again, and later"
    assert await waits(shared, again)


async def test_tasks_and_delivery_find_each_other(
    owner: Owner, shared: SharedRenderRepository, delivered: DeliveredImageRepository
) -> None:
    ids: dict[str, Any] = {"owner_id": owner.owner_id, "image_id": None, "lease_seconds": LONG}
    rendering = await delivered.claim(DIGEST, **ids)
    assert rendering
    assert not rendering.has_task
    task = await claim(owner)
    assert task.has_twin
    assert await waits(shared, task)
    await delivered.finish(rendering.render_id, output_format="png", output_bytes=7, rendered=RENDERED)
    assert not await waits(shared, task)
    found = await shared.find(DIGEST)
    assert found
    assert (found.key, found.bytes, found.width) == (delivered_key(rendering.render_id), 7, 4)
    assert found.render_report == REPORT
    await delivered.forget(rendering.render_id)
    assert await shared.find(DIGEST) is None
    await succeed(owner, task)
    again = await delivered.claim(DIGEST, **ids)
    assert again
    assert again.has_task


async def test_an_output_of_an_earlier_version_of_darkroom_is_not_shared(
    owner: Owner, other_user_id: UUID, shared: SharedRenderRepository, delivered: DeliveredImageRepository
) -> None:
    """Its row has no report, which the task would lack."""
    del owner
    rendering = await delivered.claim(DIGEST, owner_id=other_user_id, image_id=None, lease_seconds=LONG)
    assert rendering
    await delivered.finish(rendering.render_id, output_format="png", output_bytes=7)
    assert await shared.find(DIGEST) is None
