"""Keys that sign delivery URLs. The secret is stored: whoever verifies an HMAC needs it."""

import builtins
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, delete, exists, func, insert, select

from core.errors import QuotaExceeded
from core.ids import uuid7
from storage.sql.accounts.owners import lock_owner
from storage.sql.clock import now
from storage.sql.database import Database
from storage.sql.engines.interface import Connection
from storage.sql.schema import delivery_keys, users
from storage.sql.statements import prepared

MAX_DELIVERY_KEYS = 10  # of one user: two are enough to replace one by another
_SECRET_BYTES = 32
_d = delivery_keys.c


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryKey:
    key_id: UUID
    owner_id: UUID
    secret: str = field(repr=False)  # its UTF-8 bytes are the key of the HMAC
    created_at: datetime


class DeliveryKeyRepository:
    """Each method is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(self, owner_id: UUID) -> DeliveryKey:
        """Raises QuotaExceeded if the user has MAX_DELIVERY_KEYS, and Unauthenticated if the user was deleted."""
        statement = insert(delivery_keys).values(
            key_id=uuid7(), owner_id=owner_id, secret=secrets.token_urlsafe(_SECRET_BYTES), created_at=now()
        )
        async with self._database.writing() as connection:
            await _check_room(connection, owner_id)
            return DeliveryKey(**(await connection.execute(statement.returning(delivery_keys))).mappings().one())

    async def get(self, key_id: UUID) -> DeliveryKey | None:
        """Return the key; None if it is unknown, was deleted, or its owner is disabled."""
        async with self._database.reading() as connection:
            found = await connection.fetch(_by_id(key_id))
        return DeliveryKey(**found[0]) if found else None

    async def list(self, owner_id: UUID) -> builtins.list[DeliveryKey]:
        """Return the keys of a user, oldest first."""
        statement = select(delivery_keys).where(_d.owner_id == owner_id).order_by(_d.key_id)
        async with self._database.reading() as connection:
            return [DeliveryKey(**row) for row in (await connection.execute(statement)).mappings()]

    async def delete(self, key_id: UUID, *, owner_id: UUID) -> bool:
        """Return False if the user has no such key."""
        deleted = delete(delivery_keys).where(_d.key_id == key_id, _d.owner_id == owner_id).returning(_d.key_id)
        async with self._database.writing() as connection:
            return (await connection.execute(deleted)).first() is not None


@prepared
def _by_id(key_id: UUID) -> Select[Any]:
    owner_is_enabled = exists().where(users.c.user_id == _d.owner_id, users.c.disabled_at.is_(None))
    return select(delivery_keys).where(_d.key_id == key_id, owner_is_enabled)


async def _check_room(connection: Connection, owner_id: UUID) -> None:
    await lock_owner(connection, owner_id)
    count = select(func.count()).select_from(delivery_keys).where(_d.owner_id == owner_id)
    if (await connection.execute(count)).scalar_one() >= MAX_DELIVERY_KEYS:
        raise QuotaExceeded(f"At most {MAX_DELIVERY_KEYS} delivery keys are allowed. Delete one that signs no URLs.")
