"""Tables. Each invariant is a named CHECK as well, so that no faulty code can store an impossible state."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    Uuid,
    text,
)

from storage.sql.clock import UtcDateTime

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)


def _partial_index(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    condition = text(where)
    return Index(name, *columns, unique=unique, sqlite_where=condition, postgresql_where=condition)


users = Table(
    "users",
    metadata,
    Column("user_id", Uuid, primary_key=True),
    Column("email", Text, nullable=False, unique=True),
    Column("password_hash", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("disabled_at", UtcDateTime),
    Column("signed_in_at", UtcDateTime),  # the last time
    CheckConstraint("email = lower(email)", name="email_lower_case"),
)

# Of users whose quotas differ from the settings; null: as the settings say.
user_quotas = Table(
    "user_quotas",
    metadata,
    Column("user_id", ForeignKey(users.c.user_id, ondelete="CASCADE"), primary_key=True),
    Column("submissions_per_minute", Integer),
    Column("previews_per_minute", Integer),
    Column("open_tasks", Integer),
    Column("uploads", Integer),
    CheckConstraint("submissions_per_minute > 0", name="submissions_per_minute_positive"),
    CheckConstraint("previews_per_minute > 0", name="previews_per_minute_positive"),
    CheckConstraint("open_tasks > 0", name="open_tasks_positive"),
    CheckConstraint("uploads > 0", name="uploads_positive"),
)

# What an operator did with an account. Processes that keep sessions read it, and end those from before.
access_changes = Table(
    "access_changes",
    metadata,
    Column("change_id", Uuid, primary_key=True),
    Column("user_id", Uuid, nullable=False),  # may be deleted
    Column("kind", String(16), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Index(None, "created_at"),
)

images = Table(
    "images",
    metadata,
    Column("image_id", Uuid, primary_key=True),
    Column("owner_id", ForeignKey(users.c.user_id), nullable=False),
    Column("key", Text, nullable=False, unique=True),
    Column("format", String(16), nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("file_name", Text),  # the client's, without extension
    Column("reference", String(200)),  # the client's
    Column("tags", JSON(none_as_null=True)),  # the client's; image_tags is their index
    Column("idempotency_key", Text),  # the client's; valid as long as the row exists
    Column("came_with_task", Boolean, nullable=False),  # such a source is deleted with its last task
    Column("created_at", UtcDateTime, nullable=False),
    CheckConstraint("bytes > 0", name="bytes_positive"),
    CheckConstraint("length(sha256) = 64", name="sha256_length"),
    Index(None, "owner_id", "image_id"),
    _partial_index("ix_images_reference", "owner_id", "reference", "image_id", where="reference IS NOT NULL"),
    _partial_index(
        "ix_images_idempotency_key", "owner_id", "idempotency_key", where="idempotency_key IS NOT NULL", unique=True
    ),
)

tasks = Table(
    "tasks",
    metadata,
    Column("task_id", Uuid, primary_key=True),
    Column("owner_id", ForeignKey(users.c.user_id), nullable=False),
    Column("image_id", ForeignKey(images.c.image_id, ondelete="SET NULL"), index=True),
    Column("source_key", Text, nullable=False),
    Column("pipeline", JSON, nullable=False),
    Column("output_options", JSON, nullable=False),
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
    _partial_index("ix_tasks_reference", "owner_id", "reference", "task_id", where="reference IS NOT NULL"),
    _partial_index(
        "ix_tasks_idempotency_key", "owner_id", "idempotency_key", where="idempotency_key IS NOT NULL", unique=True
    ),
    _partial_index("ix_tasks_open", "owner_id", where="finished_at IS NULL"),
    _partial_index("ix_tasks_due", "available_at", where="status = 'queued'"),
    _partial_index("ix_tasks_leased", "lease_expires_at", where="status = 'running'"),
    _partial_index("ix_tasks_finished", "finished_at", where="finished_at IS NOT NULL"),
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

image_tags = Table(
    "image_tags",
    metadata,
    Column("owner_id", Uuid, primary_key=True),
    Column("tag", String(50), primary_key=True),
    Column("image_id", ForeignKey(images.c.image_id, ondelete="CASCADE"), primary_key=True, index=True),
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

# What authenticates programs of a user, by the SHA-256 of the token.
api_keys = Table(
    "api_keys",
    metadata,
    Column("key_id", Uuid, primary_key=True),
    Column("owner_id", ForeignKey(users.c.user_id, ondelete="CASCADE"), nullable=False),
    Column("name", Text, nullable=False),
    Column("prefix", String(16), nullable=False),  # the first characters of the token, by which people recognise it
    Column("sha256", String(64), nullable=False, unique=True),
    Column("scopes", Text, nullable=False),  # separated by spaces, as in RFC 6749
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime),
    Column("last_used_at", UtcDateTime),  # to the minute
    CheckConstraint("length(sha256) = 64", name="sha256_length"),
    CheckConstraint("scopes <> ''", name="scopes_given"),
    Index(None, "owner_id", "key_id"),
)

# What signs delivery URLs.
delivery_keys = Table(
    "delivery_keys",
    metadata,
    Column("key_id", Uuid, primary_key=True),
    Column("owner_id", ForeignKey(users.c.user_id, ondelete="CASCADE"), nullable=False),
    Column("secret", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Index(None, "owner_id", "key_id"),
)

# Outputs of delivery in the object store, and renders under way whose output will be there.
delivered_images = Table(
    "delivered_images",
    metadata,
    Column("version", String(64), primary_key=True),  # the digest of all that determines the bytes
    Column("owner_id", ForeignKey(users.c.user_id, ondelete="CASCADE"), nullable=False, index=True),
    Column("image_id", ForeignKey(images.c.image_id, ondelete="CASCADE"), index=True),  # none: of a named source
    Column("render_id", Uuid, nullable=False, unique=True),  # names the object; a new one for each claim
    Column("lease_expires_at", UtcDateTime),  # of a render under way
    Column("format", String(16)),
    Column("bytes", BigInteger),
    Column("used_at", UtcDateTime, nullable=False, index=True),  # to the hour
    CheckConstraint("(lease_expires_at IS NULL) = (bytes IS NOT NULL)", name="rendering_or_stored"),
    CheckConstraint("(format IS NULL) = (bytes IS NULL)", name="output_whole"),
)

# Named pipelines. The row stays when a preset is deleted: no number of a version is used twice.
presets = Table(
    "presets",
    metadata,
    Column("preset_id", Uuid, primary_key=True),
    Column("owner_id", ForeignKey(users.c.user_id, ondelete="CASCADE"), nullable=False),
    Column("name", String(64), nullable=False),
    Column("version", Integer, nullable=False),  # the newest
    CheckConstraint("version > 0", name="version_positive"),
    Index("ix_presets_name", "owner_id", "name", unique=True),
)

preset_versions = Table(
    "preset_versions",
    metadata,
    Column("preset_id", ForeignKey(presets.c.preset_id, ondelete="CASCADE"), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("pipeline", JSON, nullable=False),
    Column("output_options", JSON, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

# Which bucket belongs to this database, and what a person allowed about its orphans.
deployment = Table(
    "deployment",
    metadata,
    Column("is_only_row", Boolean, primary_key=True),
    Column("deployment_id", Uuid, nullable=False),  # also in the bucket
    Column("claimed_at", UtcDateTime),  # set once the bucket was seen to hold the id
    Column("orphans_held", Integer, nullable=False),  # due, and more than one collection may delete
    Column("orphans_allowed", Integer, nullable=False),  # so many may go once all the same
    CheckConstraint("is_only_row", name="one_row"),
    CheckConstraint("orphans_held >= 0 AND orphans_allowed >= 0", name="orphan_counts"),
)

# Each was written here before it was written into the bucket: a bucket with another one has seen a later database.
generations = Table(
    "generations",
    metadata,
    Column("generation", Uuid, primary_key=True),
    Column("raised_at", UtcDateTime, nullable=False),
)

# Rows of these times may be missing, as after the restore of an older dump: their objects are no orphans.
unwatched_periods = Table(
    "unwatched_periods",
    metadata,
    Column("period_id", Uuid, primary_key=True),
    Column("began_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime, nullable=False),
    CheckConstraint("began_at <= ended_at", name="in_order"),
)

# Objects that no row names. A collection deletes them only some days after they were found.
orphans = Table(
    "orphans",
    metadata,
    Column("key", Text, primary_key=True),
    Column("reason", String(16), nullable=False),
    Column("found_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),  # by the last collection
    CheckConstraint("reason IN ('no_row', 'other_output')", name="reason_known"),
)
