"""How alembic reaches the database: by the connection that storage.migrate hands over, else by the settings."""

import asyncio
from typing import Any

from alembic import context
from sqlalchemy import Connection, DateTime, text

from core.settings import Settings
from storage.sql.clock import UtcDateTime
from storage.sql.database import run_blocking
from storage.sql.schema import metadata

_LOCK = 0x_DA_2C_20_00  # any number that nobody else uses in this database


def _run(connection: Connection) -> None:
    """In one transaction, on SQLite too: a schema is never half made."""
    is_sqlite = connection.dialect.name == "sqlite"
    context.configure(
        connection=connection,
        target_metadata=metadata,
        transactional_ddl=True,
        render_as_batch=is_sqlite,
        render_item=_render_item,
    )
    with context.begin_transaction():
        if not is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        context.run_migrations()


def _render_item(kind: str, item: object, _context: object) -> Any:  # noqa: ANN401 - as in alembic
    """A revision knows nothing of the code, which may change."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return f"sa.{DateTime(timezone=True)!r}"
    return False


if handed_over := context.config.attributes.get("connection"):
    _run(handed_over)
else:
    asyncio.run(run_blocking(Settings().resolved_database_url, _run))
