"""Remember auxiliary images and analyses."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("tasks", sa.Column("analysis", sa.JSON(none_as_null=True), nullable=True))
    op.create_table(
        "second_pictures",
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("image_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["image_id"], ["images.image_id"], name=op.f("fk_second_pictures_image_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["task_id"], ["tasks.task_id"], name=op.f("fk_second_pictures_task_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("task_id", "image_id", name=op.f("pk_second_pictures")),
    )
    op.create_index(op.f("ix_second_pictures_image_id"), "second_pictures", ["image_id"])


def downgrade() -> None:
    op.drop_table("second_pictures")
    with op.batch_alter_table("tasks") as batch:
        batch.drop_column("analysis")
