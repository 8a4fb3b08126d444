"""Tasks, what belongs to one, and the log of what happened to them."""

from sqlalchemy import JSON, BigInteger, CheckConstraint, Column, ForeignKey, Index, Integer, String, Table, Text, Uuid

from storage.sql.clock import UtcDateTime
from storage.sql.schema.accounts import users
from storage.sql.schema.images import images
from storage.sql.schema.metadata import metadata, partial_index

tasks = Table(
    "tasks",
    metadata,
    Column("task_id", Uuid, primary_key=True),
    Column("owner_id", ForeignKey(users.c.user_id), nullable=False),
    Column("image_id", ForeignKey(images.c.image_id, ondelete="SET NULL"), index=True),
    Column("source_key", Text, nullable=False),
    Column("pipeline", JSON, nullable=False),
    Column("output_options", JSON, nullable=False),
    Column("render_digest", String(64)),  # of all that determines the bytes of the output; null: not shared
    Column("preset", String(96)),  # where the pipeline came from, such as @thumbnail.v3
    Column("file_name", Text),  # of the output, without extension
    Column("disposition", String(16)),  # of the output: "inline", or null for "attachment"
    Column("reference", String(200)),  # the client's
    Column("tags", JSON(none_as_null=True)),  # the client's; task_tags is their index
    Column("request_id", Text),
    Column("trace_context", Text),
    Column("idempotency_key", Text),  # the client's; valid as long as the row exists
    Column("order_sha256", String(64)),  # of the request that the key was first sent with
    Column("status", String(16), nullable=False),
    Column("attempt", Integer, nullable=False),  # counts every claim and is never reused: the fencing token
    Column(
        "handed_back", Integer, nullable=False
    ),  # claims that a draining worker handed back: they do not count as attempts
    Column("created_at", UtcDateTime, nullable=False),
    Column("available_at", UtcDateTime, nullable=False),  # may be claimed from then on
    Column("published_at", UtcDateTime),  # the row is its own outbox
    Column("started_at", UtcDateTime),
    Column("finished_at", UtcDateTime),
    Column("worker_id", Text),
    Column("lease_expires_at", UtcDateTime),
    Column("error_code", String(64)),
    Column("error_detail", Text),
    Column("output_key", Text),
    Column("output_format", String(16)),
    Column("output_width", Integer),
    Column("output_height", Integer),
    Column("output_bytes", BigInteger),
    Column("output_sha256", String(64)),
    Column("output_url", Text),
    Column("output_url_expires_at", UtcDateTime),
    Column("analysis", JSON(none_as_null=True)),  # of the image, if requested
    Column("render_report", JSON(none_as_null=True)),  # duration of each stage
    CheckConstraint("status IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')", name="status_known"),
    CheckConstraint("attempt >= 0 AND handed_back >= 0 AND handed_back <= attempt", name="attempt_counts"),
    CheckConstraint("(attempt > 0) = (started_at IS NOT NULL)", name="started_when_claimed"),
    CheckConstraint("(status = 'running') = (lease_expires_at IS NOT NULL)", name="lease_when_running"),
    CheckConstraint("(status = 'running') = (worker_id IS NOT NULL)", name="worker_when_running"),
    CheckConstraint("(status IN ('queued', 'running')) = (finished_at IS NULL)", name="finished_when_final"),
    CheckConstraint("(status = 'succeeded') = (output_key IS NOT NULL)", name="output_when_succeeded"),
    CheckConstraint(
        "(output_key IS NULL) = (output_format IS NULL)"
        " AND (output_key IS NULL) = (output_width IS NULL)"
        " AND (output_key IS NULL) = (output_height IS NULL)"
        " AND (output_key IS NULL) = (output_bytes IS NULL)"
        " AND (output_key IS NULL) = (output_sha256 IS NULL)"
        " AND (output_key IS NULL) = (output_url IS NULL)"
        " AND (output_key IS NULL) = (output_url_expires_at IS NULL)",
        name="output_whole",
    ),
    CheckConstraint("status <> 'failed' OR error_code IS NOT NULL", name="error_when_failed"),
    CheckConstraint("(idempotency_key IS NULL) = (order_sha256 IS NULL)", name="key_with_order"),
    Index(None, "owner_id", "task_id"),
    partial_index("ix_tasks_reference", "owner_id", "reference", "task_id", where="reference IS NOT NULL"),
    partial_index(
        "ix_tasks_idempotency_key", "owner_id", "idempotency_key", where="idempotency_key IS NOT NULL", unique=True
    ),
    partial_index("ix_tasks_render_digest", "render_digest", "status", where="render_digest IS NOT NULL"),
    partial_index("ix_tasks_open", "owner_id", where="finished_at IS NULL"),
    partial_index("ix_tasks_due", "available_at", where="status = 'queued'"),
    partial_index("ix_tasks_leased", "lease_expires_at", where="status = 'running'"),
    partial_index("ix_tasks_finished", "finished_at", where="finished_at IS NOT NULL"),
)

# Images that steps of a task refer to, besides its source.
auxiliary_images = Table(
    "second_pictures",
    metadata,
    Column("task_id", ForeignKey(tasks.c.task_id, ondelete="CASCADE"), primary_key=True),
    Column("image_id", ForeignKey(images.c.image_id, ondelete="CASCADE"), primary_key=True, index=True),
)

task_tags = Table(
    "task_tags",
    metadata,
    Column("owner_id", Uuid, primary_key=True),
    Column("tag", String(50), primary_key=True),
    Column("task_id", ForeignKey(tasks.c.task_id, ondelete="CASCADE"), primary_key=True, index=True),
)

# What happened to tasks, written by triggers on `tasks` (revision 0011) and read by the stream of events. A revision
# that lets Alembic copy `tasks` on SQLite (`batch_alter_table`) drops the triggers there, and has to create them again.
task_events = Table(
    "task_events",
    metadata,
    Column("event_id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("transaction_id", BigInteger, nullable=False),  # of PostgreSQL; 0 on SQLite
    Column("owner_id", Uuid, nullable=False),  # no foreign key: events outlive their task
    Column("task_id", Uuid, nullable=False),
    Column("name", String(16), nullable=False),  # created, deleted, or the new status
    Column("attempt", Integer, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Index(None, "transaction_id", "event_id"),
    sqlite_autoincrement=True,  # no id is used twice, though old events are deleted
)
