"""Users, their quotas, keys and presets, and what an operator did with an account."""

from sqlalchemy import JSON, CheckConstraint, Column, ForeignKey, Index, Integer, String, Table, Text, Uuid

from storage.sql.clock import UtcDateTime
from storage.sql.schema.metadata import metadata

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
