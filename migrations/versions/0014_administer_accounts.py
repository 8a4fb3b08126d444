"""Disable accounts, remember the last sign-in, and list changes that end sessions."""

import sqlalchemy as sa
from alembic import op

from storage.sql.clock import UtcDateTime

revision = "0014"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("users", sa.Column("disabled_at", UtcDateTime(), nullable=True))
    op.add_column("users", sa.Column("signed_in_at", UtcDateTime(), nullable=True))
    op.create_table(
        "access_changes",
        sa.Column("change_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("change_id", name=op.f("pk_access_changes")),
    )
    op.create_index(op.f("ix_access_changes_created_at"), "access_changes", ["created_at"])


def downgrade() -> None:
    op.drop_table("access_changes")
    op.drop_column("users", "signed_in_at")
    op.drop_column("users", "disabled_at")
