"""Remember presets, and which one a task was rendered with."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "presets",
        sa.Column("preset_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("version > 0", name=op.f("ck_presets_version_positive")),
        sa.ForeignKeyConstraint(["owner_id"], ["users.user_id"], name=op.f("fk_presets_owner_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("preset_id", name=op.f("pk_presets")),
    )
    op.create_index("ix_presets_name", "presets", ["owner_id", "name"], unique=True)
    op.create_table(
        "preset_versions",
        sa.Column("preset_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("pipeline", sa.JSON(), nullable=False),
        sa.Column("output_options", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["preset_id"], ["presets.preset_id"], name=op.f("fk_preset_versions_preset_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("preset_id", "version", name=op.f("pk_preset_versions")),
    )
    op.add_column("tasks", sa.Column("preset", sa.String(length=96), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("tasks") as batch:
        batch.drop_column("preset")
    op.drop_table("preset_versions")
    op.drop_table("presets")
