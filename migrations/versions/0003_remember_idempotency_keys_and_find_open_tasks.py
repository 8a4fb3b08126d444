"""Remember idempotency keys and find open tasks."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("tasks") as batch:
        batch.add_column(sa.Column("idempotency_key", sa.Text(), nullable=True))
        batch.add_column(sa.Column("order_sha256", sa.String(length=64), nullable=True))
        batch.create_check_constraint(
            op.f("ck_tasks_key_with_order"), "(idempotency_key IS NULL) = (order_sha256 IS NULL)"
        )
    op.create_index(
        "ix_tasks_idempotency_key",
        "tasks",
        ["owner_id", "idempotency_key"],
        unique=True,
        sqlite_where=sa.text("idempotency_key IS NOT NULL"),
        postgresql_where=sa.text("idempotency_key IS NOT NULL"),
    )
    op.create_index(
        "ix_tasks_open",
        "tasks",
        ["owner_id"],
        unique=False,
        sqlite_where=sa.text("finished_at IS NULL"),
        postgresql_where=sa.text("finished_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_tasks_open", "tasks")
    op.drop_index("ix_tasks_idempotency_key", "tasks")
    with op.batch_alter_table("tasks") as batch:
        batch.drop_constraint(op.f("ck_tasks_key_with_order"), type_="check")
        batch.drop_column("order_sha256")
        batch.drop_column("idempotency_key")
