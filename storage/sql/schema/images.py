"""Source images with their tags, and delivered images."""

from sqlalchemy import JSON, BigInteger, Boolean, CheckConstraint, Column, ForeignKey, Index, String, Table, Text, Uuid

from storage.sql.clock import UtcDateTime
from storage.sql.schema.accounts import users
from storage.sql.schema.metadata import metadata, partial_index

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
    partial_index("ix_images_reference", "owner_id", "reference", "image_id", where="reference IS NOT NULL"),
    partial_index(
        "ix_images_idempotency_key", "owner_id", "idempotency_key", where="idempotency_key IS NOT NULL", unique=True
    ),
)

image_tags = Table(
    "image_tags",
    metadata,
    Column("owner_id", Uuid, primary_key=True),
    Column("tag", String(50), primary_key=True),
    Column("image_id", ForeignKey(images.c.image_id, ondelete="CASCADE"), primary_key=True, index=True),
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
    Column("rendered", JSON(none_as_null=True)),  # what a task with the same output records of it
    Column("used_at", UtcDateTime, nullable=False, index=True),  # to the hour
    CheckConstraint("(lease_expires_at IS NULL) = (bytes IS NOT NULL)", name="rendering_or_stored"),
    CheckConstraint("(format IS NULL) = (bytes IS NULL)", name="output_whole"),
)
