"""Keep the file names of images, and the names that outputs are downloaded as."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("images", sa.Column("file_name", sa.Text(), nullable=True))
    op.add_column("tasks", sa.Column("file_name", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("tasks", "file_name")
    op.drop_column("images", "file_name")
