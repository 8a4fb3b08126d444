"""What the tests of the worker do again and again: submit a task as the API would, and wait for its end."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from uuid import UUID

from PIL import Image

from broker.in_process import InProcessBroker
from core.ids import uuid7
from core.keys import source_key
from core.messages import TaskQueued
from core.settings import Settings
from core.tasks import Task, TaskStatus
from rendering import Renderer, RenderSettings, open_renderer
from storage import NewImage, Storage
from worker.executor import Executor

HOSTILE = "tests.unit.rendering.hostile"
HANG = {"filter": "hostile", "act": "hang", "argument": ""}
DIE = {"filter": "hostile", "act": "die", "argument": "SIGKILL"}
SEPIA = {"filter": "sepia"}


def sample_image(width: int = 40, height: int = 30, *, file_format: str = "PNG") -> bytes:
    file = BytesIO()
    Image.linear_gradient("L").resize((width, height)).convert("RGB").save(file, file_format)
    return file.getvalue()


@asynccontextmanager
async def hostile_renderer(*, slots: int = 1, timeout_seconds: float = 20) -> AsyncIterator[Renderer]:
    settings = RenderSettings(
        max_pixels=1_000_000, max_side=5000, memory_bytes=2**30, cpu_seconds=20, preload=(HOSTILE,)
    )
    async with open_renderer(settings, slots=slots, timeout_seconds=timeout_seconds) as renderer:
        yield renderer


@dataclass(frozen=True, kw_only=True)
class Bench:
    settings: Settings
    storage: Storage
    broker: InProcessBroker
    owner_id: UUID

    def executor(self, renderer: Renderer, *, lease_seconds: float = 30) -> Executor:
        return Executor(
            storage=self.storage,
            renderer=renderer,
            worker_id="test",
            lease_seconds=lease_seconds,
            retry_base_seconds=0.01,
            max_source_bytes=2**20,
        )

    async def upload(self, data: bytes) -> UUID:
        """An image on its own, for steps to name."""
        image_id = uuid7()
        key = source_key(image_id)
        await self.storage.objects.put(key, data, media_type="image/png", file_name="image")
        image = NewImage(image_id=image_id, key=key, format="png", bytes=len(data), sha256="0" * 64)
        return (await self.storage.images.create(self.owner_id, image)).image_id

    async def submit(
        self,
        *steps: dict[str, Any],
        source: bytes | None = None,
        publish: bool = False,
        digest: str | None = None,
        **output_options: object,
    ) -> Task:
        image_id, data = uuid7(), sample_image() if source is None else source
        key = source_key(image_id)
        if data:
            await self.storage.objects.put(key, data, media_type="image/png", file_name="source")
        image = NewImage(image_id=image_id, key=key, format="png", bytes=max(1, len(data)), sha256="0" * 64)
        task = await self.storage.tasks.create(
            task_id=uuid7(),
            owner_id=self.owner_id,
            image=image,
            image_id=image_id,
            source_key=key,
            pipeline=list(steps),
            output_options=output_options,
            request_id="request-1",
            render_digest=digest,
            auxiliary_image_ids=[UUID(step["image_id"]) for step in steps if "image_id" in step],
        )
        if publish:
            await self.publish(task)
        return task

    async def publish(self, task: Task) -> None:
        await self.storage.tasks.mark_published(task.task_id)
        await self.broker.publish(TaskQueued(task_id=task.task_id, source_key=task.source_key))

    async def now(self, task: Task) -> Task:
        current = await self.storage.tasks.get(task.task_id, owner_id=self.owner_id)
        assert current
        return current

    async def until(self, task: Task, *statuses: TaskStatus, within_seconds: float = 300) -> Task:
        give_up_at = time.monotonic() + within_seconds
        while (current := await self.now(task)).status not in statuses:
            assert time.monotonic() < give_up_at, current
            await asyncio.sleep(0.02)
        return current

    async def output_keys(self, task: Task) -> list[str]:
        return [found.key async for found in self.storage.objects.list(f"outputs/{task.task_id}/")]
