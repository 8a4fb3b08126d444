"""Log what happens to tasks, by triggers: no statement can forget it, nor a process of the release before."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_CHANGED = "OLD.status <> NEW.status OR OLD.attempt <> NEW.attempt"
_TRIGGERS = {  # by name: when, of which row, the name of the event
    "task_created": ("AFTER INSERT ON tasks", "", "NEW", "'created'"),
    "task_changed": ("AFTER UPDATE OF status, attempt ON tasks", f"WHEN ({_CHANGED})", "NEW", "NEW.status"),
    "task_deleted": ("AFTER DELETE ON tasks", "", "OLD", "'deleted'"),
}
_COLUMNS = "transaction_id, owner_id, task_id, name, attempt, at"
_NOW_ON_SQLITE = "strftime('%Y-%m-%d %H:%M:%f', 'now') || '000'"
_FUNCTION = """
CREATE FUNCTION log_task_event() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    task tasks := CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
BEGIN
    INSERT INTO task_events (transaction_id, owner_id, task_id, name, attempt, at) VALUES (
        pg_current_xact_id()::text::bigint, task.owner_id, task.task_id,
        CASE TG_OP WHEN 'INSERT' THEN 'created' WHEN 'DELETE' THEN 'deleted' ELSE task.status END,
        task.attempt, statement_timestamp()
    );
    RETURN NULL;
END $$
"""


def upgrade() -> None:
    op.create_table(
        "task_events",
        sa.Column("event_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=16), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_task_events")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_task_events_transaction_id_event_id"), "task_events", ["transaction_id", "event_id"], unique=False
    )
    is_postgres = op.get_bind().dialect.name == "postgresql"
    if is_postgres:
        op.execute(_FUNCTION)
    for name, (when, condition, row, event) in _TRIGGERS.items():
        action = "EXECUTE FUNCTION log_task_event()" if is_postgres else _insert(row, event)
        op.execute(f"CREATE TRIGGER {name} {when} FOR EACH ROW {condition} {action}")


def downgrade() -> None:
    is_postgres = op.get_bind().dialect.name == "postgresql"
    for name in _TRIGGERS:
        op.execute(f"DROP TRIGGER {name}{' ON tasks' if is_postgres else ''}")
    if is_postgres:
        op.execute("DROP FUNCTION log_task_event()")
    op.drop_table("task_events")


def _insert(row: str, event: str) -> str:
    """Return the action of a trigger of SQLite, which has no functions. The format of `at` is that of clock.py."""
    values = f"0, {row}.owner_id, {row}.task_id, {event}, {row}.attempt, {_NOW_ON_SQLITE}"
    return f"BEGIN INSERT INTO task_events ({_COLUMNS}) VALUES ({values}); END"  # noqa: S608 - of the constants above
