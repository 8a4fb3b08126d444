"""Builds statements: once, because that takes SQLAlchemy longer than executing them, and alike for both databases."""

from collections.abc import Callable
from functools import wraps
from inspect import signature
from typing import Any

from sqlalchemy import Executable, Table, bindparam
from sqlalchemy.dialects import postgresql, sqlite

from storage.sql.engines.interface import Connection

type Prepared[S: Executable] = tuple[S, dict[str, Any]]  # a statement and its parameters


def prepared[**P, S: Executable](build: Callable[P, S]) -> Callable[P, Prepared[S]]:
    """Call `build` once, with a parameter of the statement in place of each argument.

    So `build` can use its arguments in SQL expressions only, and they cannot have defaults.
    """
    names = {name: f"of_{name}" for name in signature(build).parameters}  # the name of a column is taken
    arguments: dict[str, Any] = {name: bindparam(parameter) for name, parameter in names.items()}
    statement = build(**arguments)  # type: ignore[call-arg]  # parameters in place of values

    @wraps(build)
    def bind(*args: P.args, **kwargs: P.kwargs) -> Prepared[S]:
        values = {**dict(zip(names, args, strict=False)), **kwargs}
        return statement, {names[name]: value for name, value in values.items()}

    return bind


def insert_into(connection: Connection, table: Table) -> postgresql.Insert | sqlite.Insert:
    """Begin an INSERT … ON CONFLICT, which both databases have and SQLAlchemy spells once for each."""
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)
