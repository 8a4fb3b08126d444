"""API keys as rows, by the SHA-256 of their tokens. Tokens are never stored."""

import builtins
import hashlib
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, delete, exists, func, insert, or_, select, update

from core.errors import QuotaExceeded
from core.ids import uuid7
from storage.sql.accounts.owners import lock_owner
from storage.sql.clock import now
from storage.sql.database import Database
from storage.sql.engines.interface import Connection
from storage.sql.schema import api_keys, users

MAX_KEYS = 100  # of one user
_TOKEN_START = "dk_"  # noqa: S105 - what every token begins with
_SECRET_BYTES = 32
_PREFIX_CHARACTERS = 11  # 48 of the 256 random bits
_k = api_keys.c


class Scope(StrEnum):
    """What a key allows."""

    READ = "read"
    WRITE = "write"
    DELIVER = "deliver"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    key_id: UUID
    owner_id: UUID
    name: str
    prefix: str
    scopes: frozenset[Scope]
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None  # to the minute


@dataclass(frozen=True, slots=True)
class NewApiKey:
    """A key with its token, which is not stored."""

    token: str = field(repr=False)
    key: ApiKey


class ApiKeyRepository:
    """Each method is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(
        self, owner_id: UUID, *, name: str, scopes: Collection[Scope], expires_at: datetime | None = None
    ) -> NewApiKey:
        """Raises QuotaExceeded if the user has MAX_KEYS, and Unauthenticated if the user was deleted."""
        token = _TOKEN_START + secrets.token_urlsafe(_SECRET_BYTES)
        statement = insert(api_keys).values(
            key_id=uuid7(),
            owner_id=owner_id,
            name=name,
            prefix=token[:_PREFIX_CHARACTERS],
            sha256=_digest(token),
            scopes=" ".join(sorted(scopes)),
            created_at=now(),
            expires_at=expires_at,
        )
        async with self._database.writing() as connection:
            await _check_room(connection, owner_id)
            row = (await connection.execute(statement.returning(*_COLUMNS))).mappings().one()
        return NewApiKey(token, _key(row))

    async def by_token(self, token: str) -> ApiKey | None:
        """Return the key, though it may have expired; None if it is unknown, was revoked, or its owner is disabled."""
        owner_is_enabled = exists().where(users.c.user_id == _k.owner_id, users.c.disabled_at.is_(None))
        statement = select(*_COLUMNS).where(_k.sha256 == _digest(token), owner_is_enabled)
        async with self._database.reading() as connection:
            row = (await connection.execute(statement)).mappings().one_or_none()
        return _key(row) if row else None

    async def list(self, owner_id: UUID) -> builtins.list[ApiKey]:
        """Return the keys of a user, oldest first."""
        statement = select(*_COLUMNS).where(_k.owner_id == owner_id).order_by(_k.key_id)
        async with self._database.reading() as connection:
            return [_key(row) for row in (await connection.execute(statement)).mappings()]

    async def mark_used(self, key_id: UUID, *, every_seconds: float) -> None:
        """Record that the key is in use, unless that was recorded in the last `every_seconds`."""
        is_due = or_(_k.last_used_at.is_(None), _k.last_used_at <= now(plus_seconds=-every_seconds))
        async with self._database.writing() as connection:
            await connection.execute(update(api_keys).where(_k.key_id == key_id, is_due).values(last_used_at=now()))

    async def delete(self, key_id: UUID, *, owner_id: UUID) -> bool:
        """Return False if the user has no such key."""
        return bool(await self._delete(_k.key_id == key_id, _k.owner_id == owner_id))

    async def delete_all(self, owner_id: UUID) -> builtins.list[UUID]:
        """Return the ids of the deleted keys."""
        return await self._delete(_k.owner_id == owner_id)

    async def _delete(self, *conditions: ColumnElement[bool]) -> builtins.list[UUID]:
        async with self._database.writing() as connection:
            deleted = delete(api_keys).where(*conditions).returning(_k.key_id)
            return list((await connection.execute(deleted)).scalars())


async def _check_room(connection: Connection, owner_id: UUID) -> None:
    await lock_owner(connection, owner_id)
    count = select(func.count()).select_from(api_keys).where(_k.owner_id == owner_id)
    if (await connection.execute(count)).scalar_one() >= MAX_KEYS:
        raise QuotaExceeded(f"At most {MAX_KEYS} API keys are allowed. Delete one that is no longer used.")


_COLUMNS = [_k[each.name] for each in fields(ApiKey)]


def _key(row: Mapping[Any, Any]) -> ApiKey:
    return ApiKey(**{**row, "scopes": frozenset(map(Scope, row["scopes"].split()))})


def _digest(token: str) -> str:
    """Return the SHA-256: a token has 256 random bits, so that a slow hash would add nothing."""
    return hashlib.sha256(token.encode()).hexdigest()
