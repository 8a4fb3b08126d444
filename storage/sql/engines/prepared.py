"""Prepared statements: compiled once for each database, and executed by its driver without SQLAlchemy.

SQLAlchemy builds a context, a cursor and a result for each execution, which takes ten times as long as the statement.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

from sqlalchemy import Dialect, Executable
from sqlalchemy.types import TypeEngine

PREFIX = "of_"  # of the parameters that stand for values: the name of a column is taken

type Row = dict[str, Any]
type _Convert = Callable[[Any], Any] | None


@dataclass(frozen=True, slots=True)
class Prepared:
    """A statement, and the values of its parameters."""

    statement: Executable
    values: dict[str, Any]


class Compiled:
    """A statement in the SQL of one database. Converts values and columns as SQLAlchemy does."""

    def __init__(self, statement: Executable, dialect: Dialect) -> None:
        options = {"dialect": dialect, "compile_kwargs": {"render_postcompile": True}}
        compiled = cast("Any", statement).compile(**options)
        self.text: str = compiled.string
        self._constants = compiled.construct_params()
        self._parameters: list[tuple[str, _Convert]] = [
            (name, _to_driver(compiled.binds[name].type, dialect) if name.startswith(PREFIX) else None)
            for name in compiled.positiontup
        ]
        columns = compiled.statement.exported_columns
        self._columns = [(name, _from_driver(column.type, dialect)) for name, column in columns.items()]

    def arguments(self, values: dict[str, Any]) -> list[Any]:
        """Return the arguments for the driver, in their order."""
        given = {**self._constants, **values}
        return [given[name] if convert is None else convert(given[name]) for name, convert in self._parameters]

    def rows(self, found: Iterable[Iterable[Any]]) -> list[Row]:
        """Return the rows of the driver as mappings from the names of columns."""
        columns = self._columns
        return [
            {
                name: value if convert is None else convert(value)
                for (name, convert), value in zip(columns, row, strict=True)
            }
            for row in found
        ]


@lru_cache(maxsize=512)  # more than there are statements, and tests open many databases
def compile_once(statement: Executable, dialect: Dialect) -> Compiled:
    return Compiled(statement, dialect)


def _to_driver(kind: TypeEngine[Any], dialect: Dialect) -> _Convert:
    return kind.dialect_impl(dialect).bind_processor(dialect)


def _from_driver(kind: TypeEngine[Any], dialect: Dialect) -> _Convert:
    return kind.dialect_impl(dialect).result_processor(dialect, None)
