"""The client that blocks."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Unpack

from darkroom.client import account, operations
from darkroom.client.errors import TaskFailed
from darkroom.client.events import EventReader
from darkroom.client.files import ImageInput, Progress
from darkroom.client.models import Catalogue, DeliveryUrl, Event, Image, Task, read
from darkroom.client.options import TaskOptions
from darkroom.client.pipelines import Pipeline
from darkroom.client.transport.blocking import SyncTransport


class Client(SyncTransport):
    """A connection to a service. Threads may share it."""

    def register(self, email: str, password: str) -> None:
        self.run(account.register(email, password))

    def sign_in(self, email: str, password: str) -> None:
        self._use_session(self.run(account.sign_in(email, password)), email)

    def filters(self) -> Catalogue:
        return self.run(operations.catalogue())

    def submit(
        self,
        image: ImageInput | Image,
        pipeline: Pipeline,
        *,
        output: Mapping[str, Any] | None = None,
        idempotency_key: str | None = None,
        progress: Progress | None = None,
        **options: Unpack[TaskOptions],
    ) -> Task:
        """Apply a pipeline to an image, which is uploaded unless it was before.

        The same `idempotency_key` gives the same task: to submit again after a crash, choose it yourself.
        """
        return self.run(
            operations.submit(
                image,
                pipeline,
                output=output,
                options=options,
                idempotency_key=idempotency_key,
                progress=progress,
            )
        )

    def apply(
        self,
        image: ImageInput | Image,
        pipeline: Pipeline,
        *,
        output: Mapping[str, Any] | None = None,
        seconds: float = 300,
    ) -> bytes:
        """Submit, wait and return the output. Raises TaskFailed, or TaskUnfinished after `seconds`."""
        return self.download(self.wait(self.submit(image, pipeline, output=output), seconds=seconds))

    def task(self, task_id: str) -> Task:
        return self.run(operations.get_task(task_id))

    def tasks(
        self, *, status: str | None = None, reference: str | None = None, tags: Sequence[str] = ()
    ) -> Iterator[Task]:
        """Yield all tasks, or those with this status, this reference and all of these tags, the newest first."""
        found = self._items("tasks", status=status, reference=reference, tag=tuple(tags))
        return (read(Task, item) for item in found)

    def wait(self, task: Task | str, *, seconds: float | None = None) -> Task:
        """Return the task when it has ended. Raises TaskFailed, or TaskUnfinished after `seconds`."""
        ended = self.run(operations.wait(task, seconds=seconds))
        if ended.status != "succeeded":
            raise TaskFailed(ended)
        return ended

    def follow(self, task_id: str) -> Iterator[Event]:
        """Yield every transition of a task until it ends, also over lost connections."""
        return self._follow(EventReader(task_id))

    def cancel(self, task_id: str) -> Task:
        return self.run(operations.cancel(task_id))

    def delete_task(self, task_id: str) -> None:
        self.run(operations.delete("tasks", task_id))

    def save(self, task: Task, path: str | Path) -> Path:
        """Download the output of a task to a file, which appears when it is complete."""
        return self.run(operations.save(task, Path(path)))

    def download(self, task: Task) -> bytes:
        return self.run(operations.download(task))

    def upload(
        self,
        image: ImageInput,
        *,
        reference: str | None = None,
        tags: Sequence[str] = (),
        progress: Progress | None = None,
    ) -> Image:
        return self.run(operations.upload(image, reference=reference, tags=tags, progress=progress))

    def image(self, image_id: str) -> Image:
        return self.run(operations.get_image(image_id))

    def images(self, *, reference: str | None = None, tags: Sequence[str] = ()) -> Iterator[Image]:
        """Yield all images, or those with this reference and all of these tags, the newest first."""
        return (read(Image, item) for item in self._items("images", reference=reference, tag=tuple(tags)))

    def delete_image(self, image_id: str) -> None:
        self.run(operations.delete("images", image_id))

    def delivery_url(
        self, image_id: str, pipeline: Pipeline, *, output: Mapping[str, Any], expires_at: datetime | None = None
    ) -> DeliveryUrl:
        """Sign a URL that shows an image with a pipeline applied. `output` needs a `format`."""
        return self.run(operations.delivery_url(image_id, pipeline, output=output, expires_at=expires_at))
