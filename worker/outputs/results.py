"""What an attempt produces, and where it is stored."""

from dataclasses import dataclass
from typing import Any

from core.keys import output_key
from core.tasks import Output, Task
from imaging import MEDIA_TYPES, extension
from storage import ObjectStore

type Json = dict[str, Any] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A stored output, with the columns that are stored beside it."""

    output: Output
    analysis: Json
    render_report: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The object that an attempt writes."""

    key: str
    format: str
    media_type: str
    file_name: str
    is_inline: bool

    @classmethod
    def of(cls, task: Task, image_format: str) -> "Target":
        return cls(
            key=output_key(task.task_id, task.attempt, image_format),
            format=image_format,
            media_type=MEDIA_TYPES[image_format],
            file_name=f"{task.output_name}.{extension(image_format)}",
            is_inline=task.is_shown_inline,
        )

    async def describe(self, objects: ObjectStore, *, width: int, height: int, size: int, sha256: str) -> Output:
        """Return the output with a link to it."""
        link = await objects.sign_get(
            self.key, media_type=self.media_type, file_name=self.file_name, inline=self.is_inline
        )
        return Output(
            key=self.key,
            format=self.format,
            width=width,
            height=height,
            bytes=size,
            sha256=sha256,
            url=link.url,
            url_expires_at=link.expires_at,
        )
