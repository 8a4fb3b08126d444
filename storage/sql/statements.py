"""Builds statements: once, because that takes SQLAlchemy longer than executing them, and alike for both databases."""

from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from inspect import signature
from typing import Any

from sqlalchemy import BindParameter, Executable, Table, bindparam
from sqlalchemy.dialects import postgresql, sqlite

from storage.sql.engines.interface import Connection
from storage.sql.engines.prepared import PREFIX, Prepared


def prepared[**P](build: Callable[P, Executable]) -> Callable[P, Prepared]:
    """Call `build` once, with a parameter of the statement in place of each argument.

    So `build` can use its arguments in SQL expressions only, and not as the list of an IN. They cannot have defaults.
    """
    names = tuple(signature(build).parameters)
    statement = build(**parameters(names))  # type: ignore[arg-type, call-arg]  # in place of values

    @wraps(build)
    def bind_arguments(*args: P.args, **kwargs: P.kwargs) -> Prepared:
        return bind(statement, {**dict(zip(names, args, strict=False)), **kwargs})

    return bind_arguments


def parameters(names: Iterable[str]) -> dict[str, BindParameter[Any]]:
    """Return the parameters of a statement that stand for the values of these names."""
    return {name: bindparam(f"{PREFIX}{name}", required=False) for name in names}


def bind(statement: Executable, values: Mapping[str, Any]) -> Prepared:
    """Give values to the parameters of a statement, which must be the same object each time."""
    return Prepared(statement, {f"{PREFIX}{name}": value for name, value in values.items()})


def insert_into(connection: Connection, table: Table) -> postgresql.Insert | sqlite.Insert:
    """Begin an INSERT … ON CONFLICT, which both databases have and SQLAlchemy spells once for each."""
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)
