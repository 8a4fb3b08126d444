"""Orphans that were found, since when, and what a person allowed to be deleted."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, delete, func, select, update

from storage.sql.clock import now
from storage.sql.database import Database
from storage.sql.schema import deployment, orphans
from storage.sql.statements import insert_into


class OrphanReason(StrEnum):
    NO_ROW = "no_row"  # no image, task or delivered image has the id in the key
    OTHER_OUTPUT = "other_output"  # the task is there, and it names another output or none


@dataclass(frozen=True, slots=True, kw_only=True)
class Orphan:
    key: str
    reason: OrphanReason
    found_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OrphanState:
    """`held`: due, but more than one collection may delete. `allowed`: so many may go once all the same."""

    marked: int
    held: int
    allowed: int


class OrphanMarks:
    """Every method is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def time(self) -> datetime:
        """Return the database's time, for `unmark_unseen`."""
        async with self._database.reading() as connection:
            at: datetime = (await connection.execute(select(now()))).scalar_one()
        return at

    async def mark(self, found: Mapping[str, OrphanReason]) -> None:
        """Note these keys, or that they are still orphans."""
        if not found:
            return
        rows = [
            {"key": key, "reason": reason, "found_at": now(), "seen_at": now()} for key, reason in sorted(found.items())
        ]
        async with self._database.writing(slow=True) as connection:
            insert = insert_into(connection, orphans).values(rows)
            seen = {"reason": insert.excluded.reason, "seen_at": insert.excluded.seen_at}
            await connection.execute(insert.on_conflict_do_update(index_elements=[orphans.c.key], set_=seen))

    async def unmark_unseen(self, *, since: datetime) -> None:
        """Forget what a whole collection has not seen: it got a row, or it is gone."""
        async with self._database.writing(slow=True) as connection:
            await connection.execute(delete(orphans).where(orphans.c.seen_at < since))

    async def unmark(self, keys: Collection[str]) -> None:
        async with self._database.writing(slow=True) as connection:
            await connection.execute(delete(orphans).where(orphans.c.key.in_(keys)))

    async def count_due(self, *, trash_seconds: float) -> int:
        statement = select(func.count()).select_from(orphans).where(_is_due(trash_seconds))
        async with self._database.reading(slow=True) as connection:
            count: int = (await connection.execute(statement)).scalar_one()
        return count

    async def due(self, *, trash_seconds: float, limit: int) -> list[str]:
        """Return the keys that were found so long ago, the oldest first."""
        first = select(orphans.c.key).where(_is_due(trash_seconds)).order_by(orphans.c.found_at, orphans.c.key)
        async with self._database.reading(slow=True) as connection:
            return list((await connection.execute(first.limit(limit))).scalars())

    async def list(self, *, limit: int) -> list[Orphan]:
        """Return what is marked, the oldest first."""
        columns = (orphans.c.key, orphans.c.reason, orphans.c.found_at)
        statement = select(*columns).order_by(orphans.c.found_at, orphans.c.key).limit(limit)
        async with self._database.reading(slow=True) as connection:
            rows = (await connection.execute(statement)).all()
        return [Orphan(key=row.key, reason=OrphanReason(row.reason), found_at=row.found_at) for row in rows]

    async def state(self) -> OrphanState:
        marked = select(func.count()).select_from(orphans).scalar_subquery()
        statement = select(marked.label("marked"), deployment.c.orphans_held, deployment.c.orphans_allowed)
        async with self._database.reading(slow=True) as connection:
            row = (await connection.execute(statement)).one_or_none()
        if row is None:
            return OrphanState(marked=0, held=0, allowed=0)
        return OrphanState(marked=row.marked, held=row.orphans_held, allowed=row.orphans_allowed)

    async def hold(self, count: int) -> None:
        async with self._database.writing() as connection:
            await connection.execute(update(deployment).values(orphans_held=count))

    async def allow(self, count: int) -> bool:
        """False: this database has never been used by a service, so there is nothing to allow."""
        statement = update(deployment).values(orphans_allowed=count).returning(deployment.c.orphans_allowed)
        async with self._database.writing() as connection:
            return (await connection.execute(statement)).first() is not None

    async def use_allowance(self, count: int) -> bool:
        """Take it back, so that nobody else uses it too. False: somebody has."""
        unused = update(deployment).where(deployment.c.orphans_allowed == count).values(orphans_allowed=0)
        async with self._database.writing() as connection:
            return (await connection.execute(unused.returning(deployment.c.orphans_allowed))).first() is not None


def _is_due(trash_seconds: float) -> ColumnElement[bool]:
    return orphans.c.found_at <= now(plus_seconds=-trash_seconds)
