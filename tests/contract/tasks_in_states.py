"""Tasks in every state, as the tests of the repositories need them."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from core.ids import uuid7
from core.keys import output_key, source_key
from core.tasks import Output, Task
from storage.sql.images import NewImage
from storage.sql.tasks.repository import TaskRepository

MAX_ATTEMPTS = 3
LONG = 3600.0


def new_image() -> NewImage:
    image_id = uuid7()
    return NewImage(image_id=image_id, key=source_key(image_id), format="png", bytes=10, sha256="5" * 64)


def output_of(task_id: UUID, attempt: int) -> Output:
    return Output(
        key=output_key(task_id, attempt, "png"),
        format="png",
        width=4,
        height=3,
        bytes=100,
        sha256="f" * 64,
        url="http://127.0.0.1/link",
        url_expires_at=datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC),
    )


@dataclass(frozen=True)
class Owner:
    """Somebody whose tasks can be brought into any state."""

    owner_id: UUID
    tasks: TaskRepository

    async def task(self, *, image: NewImage | None = None, digest: str | None = None) -> Task:
        new = image or new_image()
        return await self.task_on(new.image_id, new.key, image=new, digest=digest)

    async def task_on(
        self, image_id: UUID, key: str, *, image: NewImage | None = None, digest: str | None = None
    ) -> Task:
        return await self.tasks.create(
            task_id=uuid7(),
            owner_id=self.owner_id,
            image=image,
            image_id=image_id,
            source_key=key,
            pipeline=[{"filter": "blur", "sigma": 2.5}, {"filter": "sepia"}],
            output_options={"format": "png"},
            request_id="request-1",
            render_digest=digest,
        )

    async def running(self, *, lease_seconds: float = LONG) -> Task:
        task = await self.task()
        claimed = await self.tasks.claim(task.task_id, worker_id="first", lease_seconds=lease_seconds)
        assert claimed
        return claimed

    async def lost(self) -> Task:
        return await self.running(lease_seconds=0)

    async def delayed(self) -> Task:
        task = await self.running()
        assert await self.tasks.retry(task.task_id, 1, delay_seconds=LONG, code="timeout", detail="Too slow.")
        return task

    async def succeeded(self) -> Task:
        task = await self.running()
        assert await self.tasks.succeed(task.task_id, 1, output=output_of(task.task_id, 1))
        return task

    async def failed(self) -> Task:
        task = await self.running()
        assert await self.tasks.fail(task.task_id, 1, code="invalid_image", detail="not an image.")
        return task

    async def cancelled(self) -> Task:
        task = await self.running()
        assert await self.tasks.cancel(task.task_id, owner_id=self.owner_id)
        return task

    def states(self) -> dict[str, Callable[[], Awaitable[Task]]]:
        return {
            "queued": self.task,
            "delayed": self.delayed,
            "running": self.running,
            "lost": self.lost,
            "succeeded": self.succeeded,
            "failed": self.failed,
            "cancelled": self.cancelled,
        }
