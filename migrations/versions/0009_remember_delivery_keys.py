"""Remember the keys that sign delivery URLs."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "delivery_keys",
        sa.Column("key_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["users.user_id"], name=op.f("fk_delivery_keys_owner_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("key_id", name=op.f("pk_delivery_keys")),
    )
    op.create_index(op.f("ix_delivery_keys_owner_id_key_id"), "delivery_keys", ["owner_id", "key_id"])


def downgrade() -> None:
    op.drop_table("delivery_keys")
