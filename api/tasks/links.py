"""Links to objects, signed anew before they expire and absolute for the client that asked."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from core.tasks import Output, Task
from imaging import MEDIA_TYPES, extension
from storage import FileStore, SignedLink, Storage, StoredImage


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """Signs links again once half of their validity has passed.

    Links to files are stored as paths of this API; `base_url` is put in front of them.
    """

    storage: Storage
    link_seconds: int
    retention_seconds: float
    base_url: str = ""

    async def refresh(self, task: Task) -> Task:
        return self._absolute(await self._refresh(task))

    async def refresh_and_store(self, task: Task) -> Task:
        fresh = await self._refresh(task)
        if fresh.output and fresh.output != task.output:
            await self.storage.tasks.replace_link(
                task.task_id, task.attempt, url=fresh.output.url, url_expires_at=fresh.output.url_expires_at
            )
        return self._absolute(fresh)

    async def sign_output(self, task: Task, output: Output, *, inline: bool) -> str:
        """Return a link to the output that browsers show instead of saving it, or the other way round."""
        link = await self._sign(output.key, output.format, name=task.output_name, inline=inline)
        return self._with_base(link.url)

    async def sign_image(self, image: StoredImage) -> SignedLink:
        link = await self._sign(image.key, image.format, name=image.file_name or str(image.image_id))
        return replace(link, url=self._with_base(link.url))

    def expires_at(self, ended_at: datetime | None) -> datetime | None:
        """Return when a task that ended then is deleted, with its output and the image that came with it."""
        return ended_at + timedelta(seconds=self.retention_seconds) if ended_at else None

    async def _refresh(self, task: Task) -> Task:
        output = task.output
        if output is None or self._is_fresh(output):
            return task
        link = await self._sign(output.key, output.format, name=task.output_name, inline=task.is_shown_inline)
        return replace(task, output=replace(output, url=link.url, url_expires_at=link.expires_at))

    def _is_fresh(self, output: Output) -> bool:
        """Return False also for a link from before the objects were moved between files and an S3 server."""
        is_path = output.url.startswith("/")
        margin = timedelta(seconds=self.link_seconds / 2)
        in_place = is_path == isinstance(self.storage.objects, FileStore)
        return in_place and output.url_expires_at - datetime.now(UTC) >= margin

    async def _sign(self, key: str, stored_format: str, *, name: str, inline: bool = False) -> SignedLink:
        file_name, media_type = f"{name}.{extension(stored_format)}", MEDIA_TYPES[stored_format]
        return await self.storage.objects.sign_get(key, media_type=media_type, file_name=file_name, inline=inline)

    def _absolute(self, task: Task) -> Task:
        return replace(task, output=replace(task.output, url=self._with_base(task.output.url))) if task.output else task

    def _with_base(self, url: str) -> str:
        return f"{self.base_url}{url}" if url.startswith("/") else url
