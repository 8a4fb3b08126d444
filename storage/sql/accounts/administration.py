"""What an operator does with accounts: listing, disabling, deleting and resetting passwords."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, Select, Subquery, Table, cast, func, insert, select, update

from core.errors import NotFound
from core.ids import uuid7
from storage.sql.clock import now
from storage.sql.database import Database
from storage.sql.engines.interface import Connection
from storage.sql.schema import access_changes, images, tasks, users
from storage.sql.users import normalize_email


class AccessChangeKind(StrEnum):
    DISABLED = "disabled"
    ENABLED = "enabled"
    PASSWORD_RESET = "password_reset"  # noqa: S105 - the name of a change
    DELETED = "deleted"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessChange:
    """Ends the sessions of a user that began before `created_at`."""

    change_id: UUID
    user_id: UUID
    kind: AccessChangeKind
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountUsage:
    """A user with what is stored for them. `bytes` counts sources and outputs."""

    user_id: UUID
    email: str
    created_at: datetime
    disabled_at: datetime | None
    signed_in_at: datetime | None
    tasks: int
    images: int
    bytes: int


class AccountAdministration:
    """Each method is one transaction. All but `list` and `changes_since` raise NotFound for an unknown address."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def list(self, *, limit: int) -> Sequence[AccountUsage]:
        """Return the newest accounts."""
        newest = select(users).order_by(users.c.user_id.desc()).limit(limit).subquery()
        async with self._database.reading() as connection:
            rows = (await connection.execute(_with_usage(newest))).mappings().all()
        return [AccountUsage(**row) for row in rows]

    async def disable(self, email: str) -> UUID:
        """Reject sign-ins and API keys, and end the sessions. Tasks that were submitted are still rendered."""
        return await self._change(email, AccessChangeKind.DISABLED, disabled_at=now())

    async def enable(self, email: str) -> UUID:
        return await self._change(email, AccessChangeKind.ENABLED, disabled_at=None)

    async def reset_password(self, email: str, *, password_hash: str) -> UUID:
        """Set a password and end the sessions."""
        return await self._change(email, AccessChangeKind.PASSWORD_RESET, password_hash=password_hash)

    async def begin_deletion(self, email: str) -> UUID:
        """Disable the account, so that nothing is added while its rows and objects are deleted."""
        return await self._change(email, AccessChangeKind.DELETED, disabled_at=now())

    async def changes_since(self, created_at: datetime) -> Sequence[AccessChange]:
        query = select(access_changes).where(access_changes.c.created_at > created_at)
        async with self._database.reading() as connection:
            rows = (await connection.execute(query.order_by(access_changes.c.created_at))).mappings().all()
        return [AccessChange(**{**row, "kind": AccessChangeKind(row["kind"])}) for row in rows]

    async def _change(self, email: str, kind: AccessChangeKind, **values: object) -> UUID:
        statement = update(users).where(users.c.email == normalize_email(email)).values(**values)
        async with self._database.writing() as connection:
            row = (await connection.execute(statement.returning(users.c.user_id))).first()
            if row is None:
                raise NotFound(f"There is no account with the email address {email}.")
            await _record(connection, row.user_id, kind)
        return UUID(str(row.user_id))


async def _record(connection: Connection, user_id: UUID, kind: AccessChangeKind) -> None:
    values = {"change_id": uuid7(), "user_id": user_id, "kind": kind, "created_at": now()}
    await connection.execute(insert(access_changes).values(**values))


def _with_usage(newest: Subquery) -> Select[Any]:
    sources, outputs = images.c.bytes, tasks.c.output_bytes
    user_id = newest.c.user_id
    stored = _of(user_id, images, func.sum(sources)) + _of(user_id, tasks, func.sum(outputs))
    return select(
        *(newest.c[name] for name in ("user_id", "email", "created_at", "disabled_at", "signed_in_at")),
        _of(user_id, tasks, func.count()).label("tasks"),
        _of(user_id, images, func.count()).label("images"),
        cast(stored, BigInteger).label("bytes"),
    ).order_by(user_id.desc())


def _of(user_id: ColumnElement[UUID], table: Table, total: ColumnElement[Any]) -> ColumnElement[Any]:
    """Total the rows of a user."""
    rows = select(func.coalesce(total, 0)).select_from(table).where(table.c.owner_id == user_id)
    return rows.scalar_subquery()
