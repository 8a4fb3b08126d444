"""Tables for users, images and tasks."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "users",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("email = lower(email)", name=op.f("ck_users_email_lower_case")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_users")),
        sa.UniqueConstraint("email", name=op.f("uq_users_email")),
    )
    op.create_table(
        "images",
        sa.Column("image_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("format", sa.String(length=16), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("came_with_task", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("bytes > 0", name=op.f("ck_images_bytes_positive")),
        sa.CheckConstraint("length(sha256) = 64", name=op.f("ck_images_sha256_length")),
        sa.ForeignKeyConstraint(["owner_id"], ["users.user_id"], name=op.f("fk_images_owner_id")),
        sa.PrimaryKeyConstraint("image_id", name=op.f("pk_images")),
        sa.UniqueConstraint("key", name=op.f("uq_images_key")),
    )
    op.create_index(op.f("ix_images_owner_id_image_id"), "images", ["owner_id", "image_id"], unique=False)
    op.create_table(
        "tasks",
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("image_id", sa.Uuid(), nullable=True),
        sa.Column("source_key", sa.Text(), nullable=False),
        sa.Column("pipeline", sa.JSON(), nullable=False),
        sa.Column("output_options", sa.JSON(), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=True),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("handed_back", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("available_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("worker_id", sa.Text(), nullable=True),
        sa.Column("lease_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error_code", sa.String(length=64), nullable=True),
        sa.Column("error_detail", sa.Text(), nullable=True),
        sa.Column("output_key", sa.Text(), nullable=True),
        sa.Column("output_format", sa.String(length=16), nullable=True),
        sa.Column("output_width", sa.Integer(), nullable=True),
        sa.Column("output_height", sa.Integer(), nullable=True),
        sa.Column("output_bytes", sa.BigInteger(), nullable=True),
        sa.Column("output_sha256", sa.String(length=64), nullable=True),
        sa.Column("output_url", sa.Text(), nullable=True),
        sa.Column("output_url_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(status = 'running') = (lease_expires_at IS NOT NULL)", name=op.f("ck_tasks_lease_when_running")
        ),
        sa.CheckConstraint("(status = 'running') = (worker_id IS NOT NULL)", name=op.f("ck_tasks_worker_when_running")),
        sa.CheckConstraint(
            "(status = 'succeeded') = (output_key IS NOT NULL)", name=op.f("ck_tasks_output_when_succeeded")
        ),
        sa.CheckConstraint(
            "(status IN ('queued', 'running')) = (finished_at IS NULL)", name=op.f("ck_tasks_finished_when_final")
        ),
        sa.CheckConstraint("status <> 'failed' OR error_code IS NOT NULL", name=op.f("ck_tasks_error_when_failed")),
        sa.CheckConstraint(
            "status IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')", name=op.f("ck_tasks_status_known")
        ),
        sa.CheckConstraint("(attempt > 0) = (started_at IS NOT NULL)", name=op.f("ck_tasks_started_when_claimed")),
        sa.CheckConstraint(
            "(output_key IS NULL) = (output_format IS NULL)"
            " AND (output_key IS NULL) = (output_width IS NULL)"
            " AND (output_key IS NULL) = (output_height IS NULL)"
            " AND (output_key IS NULL) = (output_bytes IS NULL)"
            " AND (output_key IS NULL) = (output_sha256 IS NULL)"
            " AND (output_key IS NULL) = (output_url IS NULL)"
            " AND (output_key IS NULL) = (output_url_expires_at IS NULL)",
            name=op.f("ck_tasks_output_whole"),
        ),
        sa.CheckConstraint(
            "attempt >= 0 AND handed_back >= 0 AND handed_back <= attempt", name=op.f("ck_tasks_attempt_counts")
        ),
        sa.ForeignKeyConstraint(["image_id"], ["images.image_id"], name=op.f("fk_tasks_image_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["owner_id"], ["users.user_id"], name=op.f("fk_tasks_owner_id")),
        sa.PrimaryKeyConstraint("task_id", name=op.f("pk_tasks")),
    )
    op.create_index(
        "ix_tasks_due",
        "tasks",
        ["available_at"],
        unique=False,
        sqlite_where=sa.text("status = 'queued'"),
        postgresql_where=sa.text("status = 'queued'"),
    )
    op.create_index(
        "ix_tasks_finished",
        "tasks",
        ["finished_at"],
        unique=False,
        sqlite_where=sa.text("finished_at IS NOT NULL"),
        postgresql_where=sa.text("finished_at IS NOT NULL"),
    )
    op.create_index(op.f("ix_tasks_image_id"), "tasks", ["image_id"], unique=False)
    op.create_index(
        "ix_tasks_leased",
        "tasks",
        ["lease_expires_at"],
        unique=False,
        sqlite_where=sa.text("status = 'running'"),
        postgresql_where=sa.text("status = 'running'"),
    )
    op.create_index(op.f("ix_tasks_owner_id_task_id"), "tasks", ["owner_id", "task_id"], unique=False)


def downgrade() -> None:
    op.drop_table("tasks")
    op.drop_table("images")
    op.drop_table("users")
