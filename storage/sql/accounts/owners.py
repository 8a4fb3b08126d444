"""Locks the owner of what is counted, so that requests at the same time are counted one after another."""

from uuid import UUID

from sqlalchemy import select

from core.errors import Unauthenticated
from storage.sql.engines.interface import Connection
from storage.sql.schema import users


async def lock_owner(connection: Connection, owner_id: UUID) -> None:
    """Lock the row, which does not block submissions of the user. Raises Unauthenticated if the user was deleted."""
    lock = select(users.c.user_id).where(users.c.user_id == owner_id).with_for_update(key_share=True)
    if (await connection.execute(lock)).first() is None:
        raise Unauthenticated("The user was deleted.")
