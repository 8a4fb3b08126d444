"""Which bucket belongs to this database, and what was found in it."""

from sqlalchemy import Boolean, CheckConstraint, Column, Integer, String, Table, Text, Uuid

from storage.sql.clock import UtcDateTime
from storage.sql.schema.metadata import metadata

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
