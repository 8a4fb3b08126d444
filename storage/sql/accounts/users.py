"""Users and their password hashes. Passwords never come here."""

import unicodedata
from dataclasses import dataclass, field, fields
from datetime import datetime
from uuid import UUID

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import ColumnElement, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from core.errors import EmailTaken
from core.ids import uuid7
from storage.sql.clock import now
from storage.sql.database import Database
from storage.sql.deletion import remove_delivered, remove_images, remove_tasks
from storage.sql.schema import delivered_images, images, task_events, tasks, users


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    user_id: UUID
    email: str
    password_hash: str = field(repr=False)
    created_at: datetime
    disabled_at: datetime | None


_COLUMNS = tuple(users.c[each.name] for each in fields(User))


class UserRepository:
    """Each method is one transaction. Email addresses are compared in lower case and composed Unicode (NFC)."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(self, email: str, *, password_hash: str) -> User:
        """Add a user. Raises EmailTaken."""
        statement = insert(users).values(
            user_id=uuid7(), email=normalize_email(email), password_hash=password_hash, created_at=now()
        )
        try:
            async with self._database.writing() as connection:
                return User(**(await connection.execute(statement.returning(*_COLUMNS))).mappings().one())
        except IntegrityError as error:
            raise EmailTaken("An account with this email address exists already. Sign in instead.") from error

    async def by_email(self, email: str) -> User | None:
        return await self._one(users.c.email == normalize_email(email))

    async def get(self, user_id: UUID) -> User | None:
        return await self._one(users.c.user_id == user_id)

    async def mark_signed_in(self, user_id: UUID) -> None:
        async with self._database.writing() as connection:
            await connection.execute(update(users).where(users.c.user_id == user_id).values(signed_in_at=now()))

    async def change_password(self, user: User, *, password_hash: str) -> bool:
        """Return False if the password was changed since `user` was read, or if the user was deleted."""
        unchanged = (users.c.user_id == user.user_id) & (users.c.password_hash == user.password_hash)
        statement = update(users).where(unchanged).values(password_hash=password_hash).returning(users.c.user_id)
        async with self._database.writing() as connection:
            return (await connection.execute(statement)).first() is not None

    async def erase_some(self, user_id: UUID, *, limit: int = 200) -> list[str] | None:
        """Erase up to `limit` rows of a user. Return the keys of objects to delete, or None once the user is erased."""
        async with self._database.writing(slow=True) as connection:
            # The lock on the row blocks submissions of this user.
            await connection.execute(select(users.c.user_id).where(users.c.user_id == user_id).with_for_update())
            removed = await remove_tasks(connection, tasks.c.owner_id == user_id, limit=limit)
            keys = removed.keys if removed.count else None
            if keys is None:
                keys = await remove_images(connection, images.c.owner_id == user_id, limit=limit)
            if keys is None:
                keys = await remove_delivered(connection, delivered_images.c.owner_id == user_id, limit=limit)
            if keys is None:
                await connection.execute(delete(task_events).where(task_events.c.owner_id == user_id))
                await connection.execute(delete(users).where(users.c.user_id == user_id))
            return keys

    async def _one(self, condition: ColumnElement[bool]) -> User | None:
        async with self._database.reading() as connection:
            row = (await connection.execute(select(*_COLUMNS).where(condition))).mappings().one_or_none()
        return User(**row) if row else None


def normalize_email(email: str) -> str:
    """Return the address as it is stored, searched for and counted: a domain in any spelling of IDNA is the same."""
    plain = unicodedata.normalize("NFC", email.strip().lower())
    try:
        return validate_email(plain, check_deliverability=False, test_environment=True).normalized.lower()
    except EmailNotValidError:
        return plain
