"""Remember which bucket belongs to the database, and mark orphans before they are deleted."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "deployment",
        sa.Column("is_only_row", sa.Boolean(), nullable=False),
        sa.Column("deployment_id", sa.Uuid(), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("orphans_held", sa.Integer(), nullable=False),
        sa.Column("orphans_allowed", sa.Integer(), nullable=False),
        sa.CheckConstraint("is_only_row", name=op.f("ck_deployment_one_row")),
        sa.CheckConstraint("orphans_held >= 0 AND orphans_allowed >= 0", name=op.f("ck_deployment_orphan_counts")),
        sa.PrimaryKeyConstraint("is_only_row", name=op.f("pk_deployment")),
    )
    op.create_table(
        "generations",
        sa.Column("generation", sa.Uuid(), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("generation", name=op.f("pk_generations")),
    )
    op.create_table(
        "unwatched_periods",
        sa.Column("period_id", sa.Uuid(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("began_at <= ended_at", name=op.f("ck_unwatched_periods_in_order")),
        sa.PrimaryKeyConstraint("period_id", name=op.f("pk_unwatched_periods")),
    )
    op.create_table(
        "orphans",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("reason", sa.String(length=16), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("reason IN ('no_row', 'other_output')", name=op.f("ck_orphans_reason_known")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_orphans")),
    )


def downgrade() -> None:
    for table in ("orphans", "unwatched_periods", "generations", "deployment"):
        op.drop_table(table)
