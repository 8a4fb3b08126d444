"""New tasks are published behind the response, and a sweep publishes no task that was, and every one that was not."""

import asyncio

import pytest

import broker as brokers
from api.tasks.publisher import open_publisher
from core.failpoints import FailpointReached
from storage.sql.tasks.repository import TaskRepository
from tests.contract.tasks_in_states import LONG, Owner
from tests.harness.eventually import eventually

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
_AWAY = "amqp://guest:guest@127.0.0.1:9/"
_TASKS = 3


async def _has(broker: brokers.Broker, messages: int) -> bool:
    return await broker.depth() == messages


@pytest.mark.parametrize("url", ["memory:", pytest.param("amqp", marks=pytest.mark.needs("rabbitmq"))])
async def test_what_was_published_is_noted_at_the_end(
    url: str, request: pytest.FixtureRequest, tasks: TaskRepository, owner: Owner
) -> None:
    url, queue = (url, "unused") if url == "memory:" else map(request.getfixturevalue, ("amqp_url", "queue_name"))
    async with brokers.connect(url, queue=queue) as broker:
        async with open_publisher(broker, tasks) as publisher:
            for _ in range(_TASKS):
                await publisher.publish(await owner.task())
        await eventually(lambda: _has(broker, _TASKS))
    assert await tasks.hold_unpublished(stale_seconds=LONG) == []


async def test_without_the_broker_the_sweep_has_them(tasks: TaskRepository, owner: Owner) -> None:
    created = [await owner.task() for _ in range(_TASKS)]
    async with brokers.connect(_AWAY, queue="unused") as broker, open_publisher(broker, tasks) as publisher:
        for task in created:
            await publisher.publish(task)
    held = await tasks.hold_unpublished(stale_seconds=LONG)
    assert {task.task_id for task in held} == {task.task_id for task in created}


async def test_a_process_that_dies_before_it_noted_anything_leaves_them_to_the_sweep(
    tasks: TaskRepository, owner: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DARKROOM_FAILPOINT", "published=raise")
    created = await owner.task()
    async with brokers.connect("memory:", queue="unused") as broker, open_publisher(broker, tasks) as publisher:
        with pytest.raises(FailpointReached):
            await publisher.publish(created)
    await asyncio.sleep(0.05)
    (held,) = await tasks.hold_unpublished(stale_seconds=LONG, grace_seconds=0.01)
    assert held.task_id == created.task_id
