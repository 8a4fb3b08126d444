"""The statement that adds a task. It returns what only the database decides."""

from sqlalchemy import insert

from core.tasks import TaskStatus
from storage.sql.clock import now
from storage.sql.schema import tasks
from storage.sql.statements import parameters
from storage.sql.tasks.queries import COLUMNS

_GIVEN = (
    "task_id",
    "owner_id",
    "image_id",
    "source_key",
    "pipeline",
    "output_options",
    "preset",
    "render_digest",
    "request_id",
    "file_name",
    "disposition",
    "reference",
    "tags",
    "trace_context",
    "idempotency_key",
    "order_sha256",
)
INSERT_TASK = (
    insert(tasks)
    .values(status=TaskStatus.QUEUED, attempt=0, handed_back=0, created_at=now(), available_at=now())
    .values(parameters(_GIVEN))
    .returning(tasks.c.status, tasks.c.attempt, tasks.c.created_at)
)
NO_VALUES = {column.name: None for column in COLUMNS}
