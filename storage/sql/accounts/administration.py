"""What an operator does with accounts: adding, listing, disabling, deleting and resetting passwords."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, Select, Subquery, Table, cast, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from core.errors import EmailTaken, NotFound
from core.ids import uuid7
from storage.sql.accounts.quotas import QUOTA_COLUMNS, UserQuotas, all_quotas
from storage.sql.accounts.users import normalize_email
from storage.sql.clock import now
from storage.sql.database import Database
from storage.sql.engines.interface import Connection
from storage.sql.schema import access_changes, images, tasks, user_quotas, users
from storage.sql.statements import insert_into


class AccessChangeKind(StrEnum):
    DISABLED = "disabled"
    ENABLED = "enabled"
    PASSWORD_RESET = "password_reset"  # noqa: S105 - the name of a change
    DELETED = "deleted"
    ADDED = "added"
    QUOTAS = "quotas"

    @property
    def ends_sessions(self) -> bool:
        return self in {AccessChangeKind.DISABLED, AccessChangeKind.PASSWORD_RESET, AccessChangeKind.DELETED}


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessChange:
    """What was done with a user. Some kinds end the sessions that began before `created_at`."""

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
    quotas: UserQuotas


class AccountAdministration:
    """Each method is one transaction. All but `list` and `changes_since` raise NotFound for an unknown address."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def list(self, *, limit: int) -> Sequence[AccountUsage]:
        """Return the newest accounts."""
        newest = select(users).order_by(users.c.user_id.desc()).limit(limit).subquery()
        async with self._database.reading() as connection:
            rows = (await connection.execute(_with_usage(newest))).mappings().all()
        return [_account(row) for row in rows]

    async def add(self, email: str, *, password_hash: str) -> UUID:
        """Raises EmailTaken."""
        created = insert(users).values(
            user_id=uuid7(), email=normalize_email(email), password_hash=password_hash, created_at=now()
        )
        try:
            async with self._database.writing() as connection:
                user_id: UUID = (await connection.execute(created.returning(users.c.user_id))).scalar_one()
                await _record(connection, user_id, AccessChangeKind.ADDED)
        except IntegrityError as error:
            raise EmailTaken("An account with this email address exists already.") from error
        return user_id

    async def set_quotas(self, email: str, **quotas: int | None) -> UserQuotas:
        """Change the given quotas; None is that of the settings. Return all quotas of the user."""
        if not quotas:
            return await self._quotas_of(email)
        async with self._database.writing() as connection:
            user_id = await _user_id(connection, email)
            written = insert_into(connection, user_quotas).values(user_id=user_id, **quotas)
            written = written.on_conflict_do_update(index_elements=["user_id"], set_=quotas)
            row = (await connection.execute(written.returning(*QUOTA_COLUMNS))).mappings().one()
            await _record(connection, user_id, AccessChangeKind.QUOTAS)
        return UserQuotas(**row)

    async def quotas(self) -> dict[UUID, UserQuotas]:
        """Return the quotas of all users that have some of their own."""
        async with self._database.reading() as connection:
            rows = (await connection.execute(all_quotas())).mappings().all()
        return {row["user_id"]: UserQuotas(**{each.name: row[each.name] for each in QUOTA_COLUMNS}) for row in rows}

    async def _quotas_of(self, email: str) -> UserQuotas:
        async with self._database.reading() as connection:
            user_id = await _user_id(connection, email)
        return (await self.quotas()).get(user_id, UserQuotas())

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
        known = access_changes.c.kind.in_(AccessChangeKind)  # a later release may add some
        query = select(access_changes).where(access_changes.c.created_at > created_at, known)
        async with self._database.reading() as connection:
            rows = (await connection.execute(query.order_by(access_changes.c.created_at))).mappings().all()
        return [AccessChange(**{**row, "kind": AccessChangeKind(row["kind"])}) for row in rows]

    async def purge_changes(self, *, retention_seconds: float) -> int:
        """Delete the changes that are older. Return how many there were."""
        old = access_changes.c.created_at <= now(plus_seconds=-retention_seconds)
        async with self._database.writing(slow=True) as connection:
            deleted = await connection.execute(delete(access_changes).where(old).returning(access_changes.c.change_id))
            return len(deleted.all())

    async def _change(self, email: str, kind: AccessChangeKind, **values: object) -> UUID:
        statement = update(users).where(users.c.email == normalize_email(email)).values(**values)
        async with self._database.writing() as connection:
            row = (await connection.execute(statement.returning(users.c.user_id))).first()
            if row is None:
                raise _unknown(email)
            await _record(connection, row.user_id, kind)
        return UUID(str(row.user_id))


async def _user_id(connection: Connection, email: str) -> UUID:
    found = await connection.execute(select(users.c.user_id).where(users.c.email == normalize_email(email)))
    user_id: UUID | None = found.scalar_one_or_none()
    if user_id is None:
        raise _unknown(email)
    return user_id


def _unknown(email: str) -> NotFound:
    return NotFound(f"There is no account with the email address {email}.")


def _account(row: Mapping[Any, Any]) -> AccountUsage:
    names = {each.name for each in QUOTA_COLUMNS}
    quotas = UserQuotas(**{name: row[name] for name in names})
    return AccountUsage(**{name: value for name, value in row.items() if name not in names}, quotas=quotas)


async def _record(connection: Connection, user_id: UUID, kind: AccessChangeKind) -> None:
    values = {"change_id": uuid7(), "user_id": user_id, "kind": kind, "created_at": now()}
    await connection.execute(insert(access_changes).values(**values))


def _with_usage(newest: Subquery) -> Select[Any]:
    sources, outputs = images.c.bytes, tasks.c.output_bytes
    user_id = newest.c.user_id
    stored = _of(user_id, images, func.sum(sources)) + _of(user_id, tasks, func.sum(outputs))
    return (
        select(
            *(newest.c[name] for name in ("user_id", "email", "created_at", "disabled_at", "signed_in_at")),
            _of(user_id, tasks, func.count()).label("tasks"),
            _of(user_id, images, func.count()).label("images"),
            cast(stored, BigInteger).label("bytes"),
            *QUOTA_COLUMNS,
        )
        .select_from(newest.outerjoin(user_quotas, user_quotas.c.user_id == user_id))
        .order_by(user_id.desc())
    )


def _of(user_id: ColumnElement[UUID], table: Table, total: ColumnElement[Any]) -> ColumnElement[Any]:
    """Total the rows of a user."""
    rows = select(func.coalesce(total, 0)).select_from(table).where(table.c.owner_id == user_id)
    return rows.scalar_subquery()
