"""Keep the idempotency keys of uploaded images."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("images", sa.Column("idempotency_key", sa.Text(), nullable=True))
    op.create_index(
        "ix_images_idempotency_key",
        "images",
        ["owner_id", "idempotency_key"],
        unique=True,
        sqlite_where=sa.text("idempotency_key IS NOT NULL"),
        postgresql_where=sa.text("idempotency_key IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_images_idempotency_key", "images")
    op.drop_column("images", "idempotency_key")
