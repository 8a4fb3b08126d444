"""Outputs of delivery in the object store: which are there, and which are being rendered by somebody."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Executable, Select, delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.sql.dml import ReturningUpdate

from core.errors import NotFound
from core.ids import uuid7
from core.keys import delivered_key
from storage.sql.clock import now
from storage.sql.database import Database, violates_foreign_key
from storage.sql.engines.interface import Connection
from storage.sql.schema import delivered_images
from storage.sql.shared_renders import has_task
from storage.sql.statements import bind, insert_into, parameters, prepared

_d = delivered_images.c


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredDelivery:
    """An output with the key of its object. While it is being rendered, `format` and `bytes` are None."""

    render_id: UUID
    format: str | None
    bytes: int | None
    used_at: datetime

    @property
    def key(self) -> str:
        return delivered_key(self.render_id)


@dataclass(frozen=True, slots=True)
class DeliveryClaim:
    """Who has it renders, unless `has_task`: then the output of a task can be read instead."""

    render_id: UUID
    has_task: bool


_COLUMNS = [_d[name] for name in StoredDelivery.__dataclass_fields__]


class DeliveredImageRepository:
    """Each method is one transaction. Who claims a version holds it until the lease expires: rendering -> stored."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._claims: dict[str, Executable] = {}  # built once, as in statements.py

    async def find(self, version: str) -> StoredDelivery | None:
        async with self._database.reading() as connection:
            found = await connection.fetch(_find(version))
        return StoredDelivery(**found[0]) if found else None

    async def claim(
        self, version: str, *, owner_id: UUID, image_id: UUID | None, lease_seconds: float
    ) -> DeliveryClaim | None:
        """Return a claim for a new render. None: the version is stored, or somebody renders it whose lease is valid.

        A claim after the end of a lease has a new id, so that the earlier holder can change nothing (fencing).
        Raises NotFound if image or owner were deleted meanwhile.
        """
        row = {"version": version, "owner_id": owner_id, "image_id": image_id, "render_id": uuid7()}
        try:
            async with self._database.updating() as connection:
                claim = self._claims.get(connection.dialect.name)
                if claim is None:
                    claim = self._claims[connection.dialect.name] = _claim(connection)
                claimed = await connection.fetch(bind(claim, {**row, "seconds": lease_seconds}))
        except IntegrityError as error:
            if violates_foreign_key(error):
                raise NotFound("Image not found.") from error
            raise
        return DeliveryClaim(**claimed[0]) if claimed else None

    async def renew(self, render_id: UUID, *, lease_seconds: float) -> bool:
        """Return False if the render no longer holds its version."""
        renewed = update(delivered_images).where(_is_held(render_id)).returning(_d.render_id)
        async with self._database.writing() as connection:
            values = {"lease_expires_at": now(plus_seconds=lease_seconds)}
            return (await connection.execute(renewed.values(values))).first() is not None

    async def finish(
        self, render_id: UUID, *, output_format: str, output_bytes: int, rendered: dict[str, Any] | None = None
    ) -> bool:
        """Record the stored object: rendering -> stored. Return False if the render no longer holds its version.

        `rendered` is what a task with this output records: width, height, sha256 and render_report.
        """
        async with self._database.updating() as connection:
            return bool(await connection.fetch(_finish(render_id, output_format, output_bytes, rendered)))

    async def forget(self, render_id: UUID) -> None:
        """Delete the row of a render that failed, or whose object is missing."""
        async with self._database.writing() as connection:
            await connection.execute(delete(delivered_images).where(_d.render_id == render_id))

    async def mark_used(self, render_id: UUID) -> None:
        used = update(delivered_images).where(_d.render_id == render_id).values(used_at=now())
        async with self._database.writing() as connection:
            await connection.execute(used)

    async def remove_unused(self, *, unused_seconds: float, limit: int) -> list[str]:
        """Delete up to `limit` rows that were not used for so long. Return the keys of objects to delete."""
        unused = _d.used_at <= now(plus_seconds=-unused_seconds)
        oldest = select(_d.render_id).where(unused).order_by(_d.used_at).limit(limit)
        return await self._remove(_d.render_id.in_(oldest) & unused)

    async def remove_excess(self, *, max_bytes: int, limit: int) -> list[str]:
        """Delete up to `limit` of the rows that were not used for longest, until the others have `max_bytes`."""
        async with self._database.reading(slow=True) as connection:
            total = (await connection.execute(select(func.coalesce(func.sum(_d.bytes), 0)))).scalar_one()
            oldest = select(_d.render_id, _d.bytes).where(_d.bytes.is_not(None)).order_by(_d.used_at).limit(limit)
            rows = (await connection.execute(oldest)).all() if total > max_bytes else []
        chosen, excess = [], int(total) - max_bytes
        for row in rows:
            if excess <= 0:
                break
            chosen.append(row.render_id)
            excess -= row.bytes
        return await self._remove(_d.render_id.in_(chosen)) if chosen else []

    async def known_ids(self, render_ids: set[UUID]) -> set[UUID]:
        """Return the ids that have a row: of stored outputs, and of renders under way."""
        statement = select(_d.render_id).where(_d.render_id.in_(render_ids))
        async with self._database.reading() as connection:
            return set((await connection.execute(statement)).scalars())

    async def _remove(self, condition: ColumnElement[bool]) -> list[str]:
        removed = delete(delivered_images).where(condition).returning(_d.render_id)
        async with self._database.writing(slow=True) as connection:
            return [delivered_key(render_id) for render_id in (await connection.execute(removed)).scalars()]


def _claim(connection: Connection) -> Executable:
    """Build the statement. Its parameters are these columns, and the `seconds` of the lease."""
    given: dict[str, Any] = parameters(("version", "owner_id", "image_id", "render_id", "seconds"))
    seconds = given.pop("seconds")
    claim = insert_into(connection, delivered_images).values(
        {**given, "lease_expires_at": now(plus_seconds=seconds), "used_at": now()}
    )
    held = {name: claim.excluded[name] for name in ("render_id", "lease_expires_at", "used_at")}
    claim = claim.on_conflict_do_update(index_elements=[_d.version], set_=held, where=_d.lease_expires_at <= now())
    return claim.returning(_d.render_id, has_task())


def _is_held(render_id: UUID) -> ColumnElement[bool]:
    """Return whether the render is under way. Its lease may have expired, as long as nobody else claimed it."""
    return (_d.render_id == render_id) & _d.bytes.is_(None)


@prepared
def _finish(
    render_id: UUID, output_format: str, output_bytes: int, rendered: dict[str, Any] | None
) -> ReturningUpdate[Any]:
    values = {"lease_expires_at": None, "format": output_format, "bytes": output_bytes, "rendered": rendered}
    return update(delivered_images).where(_is_held(render_id)).values(values).returning(_d.render_id)


@prepared
def _find(version: str) -> Select[Any]:
    return select(*_COLUMNS).where(_d.version == version)
