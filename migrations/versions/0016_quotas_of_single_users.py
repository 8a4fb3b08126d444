"""Keep quotas of single users, which replace those of the settings."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_QUOTAS = ("submissions_per_minute", "previews_per_minute", "open_tasks", "uploads")


def upgrade() -> None:
    op.create_table(
        "user_quotas",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=True) for name in _QUOTAS),
        *(sa.CheckConstraint(f"{name} > 0", name=op.f(f"ck_user_quotas_{name}_positive")) for name in _QUOTAS),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.user_id"], name=op.f("fk_user_quotas_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_user_quotas")),
    )


def downgrade() -> None:
    op.drop_table("user_quotas")
