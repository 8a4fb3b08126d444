"""Remember the outputs of delivery that are stored."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "delivered_images",
        sa.Column("version", sa.String(64), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("image_id", sa.Uuid(), nullable=True),
        sa.Column("render_id", sa.Uuid(), nullable=False),
        sa.Column("lease_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("format", sa.String(16), nullable=True),
        sa.Column("bytes", sa.BigInteger(), nullable=True),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(lease_expires_at IS NULL) = (bytes IS NOT NULL)", name=op.f("ck_delivered_images_rendering_or_stored")
        ),
        sa.CheckConstraint("(format IS NULL) = (bytes IS NULL)", name=op.f("ck_delivered_images_output_whole")),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["users.user_id"], name=op.f("fk_delivered_images_owner_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["image_id"], ["images.image_id"], name=op.f("fk_delivered_images_image_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_delivered_images")),
        sa.UniqueConstraint("render_id", name=op.f("uq_delivered_images_render_id")),
    )
    for column in ("owner_id", "image_id", "used_at"):
        op.create_index(op.f(f"ix_delivered_images_{column}"), "delivered_images", [column])


def downgrade() -> None:
    op.drop_table("delivered_images")
