"""Let tasks find outputs that are already there: their own digest, and what delivery records of an output."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("tasks", sa.Column("render_digest", sa.String(64), nullable=True))
    op.create_index(
        "ix_tasks_render_digest",
        "tasks",
        ["render_digest", "status"],  # a client may submit the same work thousands of times
        sqlite_where=sa.text("render_digest IS NOT NULL"),
        postgresql_where=sa.text("render_digest IS NOT NULL"),
    )
    op.add_column("delivered_images", sa.Column("rendered", sa.JSON(none_as_null=True), nullable=True))


def downgrade() -> None:
    op.drop_column("delivered_images", "rendered")
    op.drop_index("ix_tasks_render_digest", "tasks")
    op.drop_column("tasks", "render_digest")
