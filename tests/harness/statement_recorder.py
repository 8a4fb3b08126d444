"""A plugin of pytest that records the SQL of the storage on PostgreSQL, for tests of the version that follows.

Run by `make record-statements` on a checkout of the last commit, before a migration is added to it.
"""

import os
import re
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.pool import ConnectionPoolEntry, Pool

END = "\n-- end\n"
_OF_THE_STORAGE = re.compile(r"\s*(?:SELECT|INSERT|UPDATE|DELETE|WITH)\b")
_OF_OTHERS = re.compile(
    r"\bpg_catalog\b|\balembic_version\b|\binformation_schema\b|'jit'"
)  # those of the driver as well
_seen: set[str] = set()


def parse(text: str) -> list[str]:
    """Return the statements of a recording."""
    return [statement for statement in text.split(END) if statement.strip()]


@event.listens_for(Engine, "before_cursor_execute")
def _record(connection: Connection, _cursor: object, statement: str, *_: Any) -> None:  # noqa: ANN401 - SQLAlchemy's
    if connection.dialect.name == "postgresql":
        _add(statement)


@event.listens_for(Pool, "connect")
def _record_prepared(_connection: object, entry: ConnectionPoolEntry) -> None:
    """Record what the driver executes by itself: storage/sql/engines/prepared.py."""
    if isinstance(entry.driver_connection, asyncpg.Connection):
        entry.driver_connection.add_query_logger(lambda record: _add(record.query))


def _add(statement: str) -> None:
    if _OF_THE_STORAGE.match(statement) and not _OF_OTHERS.search(statement):
        _seen.add(statement)


def pytest_sessionfinish(session: pytest.Session) -> None:
    del session
    if path := os.environ.get("DARKROOM_RECORD_STATEMENTS"):
        Path(path).write_text("".join(statement.strip() + END for statement in sorted(_seen)))
