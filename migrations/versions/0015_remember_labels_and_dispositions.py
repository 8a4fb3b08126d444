"""Keep the references and tags of tasks and images, and whether browsers show an output."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_KINDS = {"tasks": "task", "images": "image"}


def upgrade() -> None:
    op.add_column("tasks", sa.Column("disposition", sa.String(16), nullable=True))
    for table, kind in _KINDS.items():
        op.add_column(table, sa.Column("reference", sa.String(200), nullable=True))
        op.add_column(table, sa.Column("tags", sa.JSON(), nullable=True))
        op.create_index(
            f"ix_{table}_reference",
            table,
            ["owner_id", "reference", f"{kind}_id"],
            sqlite_where=sa.text("reference IS NOT NULL"),
            postgresql_where=sa.text("reference IS NOT NULL"),
        )
        _create_tags(f"{kind}_tags", column=f"{kind}_id", of=table)


def downgrade() -> None:
    for table, kind in _KINDS.items():
        op.drop_table(f"{kind}_tags")
        op.drop_index(f"ix_{table}_reference", table)
        op.drop_column(table, "tags")
        op.drop_column(table, "reference")
    op.drop_column("tasks", "disposition")


def _create_tags(name: str, *, column: str, of: str) -> None:
    op.create_table(
        name,
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("tag", sa.String(50), nullable=False),
        sa.Column(column, sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint([column], [f"{of}.{column}"], name=op.f(f"fk_{name}_{column}"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("owner_id", "tag", column, name=op.f(f"pk_{name}")),
    )
    op.create_index(op.f(f"ix_{name}_{column}"), name, [column])
