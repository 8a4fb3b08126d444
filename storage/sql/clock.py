"""Timestamps of the database's own clock, so that servers whose clocks differ agree on what is due."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BindParameter, DateTime, Dialect, Float, cast, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator


class UtcDateTime(TypeDecorator[datetime]):
    """Aware datetimes in UTC on both databases; SQLite by itself returns naive ones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        del dialect
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:  # noqa: ANN401 - as in SQLAlchemy
        del dialect
        if value is None:
            return None
        aware: datetime = value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
        return aware


class _DatabaseTime(FunctionElement[datetime]):
    """The time of the database, plus an offset in seconds."""

    name = "database_time"
    type = UtcDateTime()
    inherit_cache = True


def now(*, plus_seconds: float = 0) -> _DatabaseTime:
    """Return the SQL expression for the time of the database plus `plus_seconds`, which may be negative."""
    seconds = plus_seconds if isinstance(plus_seconds, BindParameter) else literal(float(plus_seconds))  # statements.py
    return _DatabaseTime(cast(seconds, Float(53)))


@compiles(_DatabaseTime, "postgresql")
def _postgresql(element: _DatabaseTime, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401 - as in SQLAlchemy
    seconds = compiler.process(element.clauses, **options)
    return f"(statement_timestamp() + make_interval(secs => {seconds}))"


@compiles(_DatabaseTime, "sqlite")
def _sqlite(element: _DatabaseTime, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401 - as in SQLAlchemy
    # Six digits of a second, as SQLAlchemy stores a datetime: times are compared as text.
    seconds = compiler.process(element.clauses, **options)
    return f"(strftime('%Y-%m-%d %H:%M:%f', 'now', printf('%+.6f seconds', {seconds})) || '000')"
