"""Tasks and their states. storage/sql/tasks/repository.py holds the transitions."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID


class TaskStatus(StrEnum):
    QUEUED = "queued"  # -> running, cancelled
    RUNNING = "running"  # -> succeeded, failed, cancelled, and back to queued on a retry or a lost lease
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        return self in FINAL


OPEN = frozenset({TaskStatus.QUEUED, TaskStatus.RUNNING})
FINAL = frozenset(TaskStatus) - OPEN


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """A rendered image in the object store. `url` is presigned and valid until `url_expires_at`."""

    key: str
    format: str
    width: int
    height: int
    bytes: int
    sha256: str
    url: str
    url_expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One image and one pipeline. `attempt` counts claims and fences off workers that lost the task."""

    task_id: UUID
    owner_id: UUID
    image_id: UUID | None  # None once the source was deleted
    source_key: str
    pipeline: tuple[dict[str, Any], ...]  # steps as JSON, in order: {"filter": name, **parameters}
    output_options: dict[str, Any]
    status: TaskStatus
    attempt: int
    request_id: str | None
    created_at: datetime
    started_at: datetime | None  # of the newest attempt
    finished_at: datetime | None
    error_code: str | None
    error_detail: str | None
    output: Output | None
    analysis: dict[str, Any] | None = None
    render_report: dict[str, Any] | None = None  # see imaging/pipeline/report.py; with warnings; None before success
    preset: str | None = None  # where the pipeline came from, such as `@thumbnail.v3`
    trace_context: str | None = None  # W3C traceparent of the request
    order_sha256: str | None = None  # of image, pipeline and output options, for a request with an idempotency key
    file_name: str | None = None  # of the output, without extension; None: the task_id
    disposition: str | None = None  # of the output: "inline"; None: "attachment"
    reference: str | None = None  # the client's, as are the tags
    tags: tuple[str, ...] = ()
    render_digest: str | None = None  # of all that determines the bytes of the output; None: not shared
    has_twin: bool = False  # when it was claimed, somebody had made or was making the same output

    @property
    def output_name(self) -> str:
        """The name that the output is downloaded as, without extension."""
        return self.file_name or str(self.task_id)

    @property
    def is_shown_inline(self) -> bool:
        """Whether browsers show the output instead of saving it."""
        return self.disposition == "inline"
