"""Presets: named pipelines with output options. Each change is a new version, and no number is used twice."""

import builtins
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, delete, func, insert, select, update

from core.errors import QuotaExceeded
from core.ids import uuid7
from storage.sql.accounts.owners import lock_owner
from storage.sql.clock import now
from storage.sql.database import Database
from storage.sql.engines.interface import Connection
from storage.sql.schema import preset_versions, presets

_p, _v = presets.c, preset_versions.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """One version of a preset."""

    preset_id: UUID
    name: str
    version: int
    pipeline: list[dict[str, Any]]  # steps as JSON with every parameter
    output_options: dict[str, Any]
    created_at: datetime  # of this version

    @property
    def reference(self) -> str:
        """How a task names this version, such as `@thumbnail.v3`."""
        return f"@{self.name}.v{self.version}"


@dataclass(frozen=True, slots=True)
class SavedPreset:
    preset: Preset
    is_new: bool  # the name was free


class PresetRepository:
    """Each method is one transaction.

    A user has at most `max_names` names, those of deleted presets included, and `max_versions` versions in all.
    """

    def __init__(self, database: Database, *, max_names: int = 200, max_versions: int = 2_000) -> None:
        self._database = database
        self._max_names = max_names
        self._max_versions = max_versions

    async def put(
        self, owner_id: UUID, name: str, *, pipeline: builtins.list[dict[str, Any]], output_options: dict[str, Any]
    ) -> SavedPreset:
        """Add a version, unless the newest one is the same. Return the newest one.

        Raises QuotaExceeded above the bounds, and Unauthenticated if the user was deleted.
        """
        async with self._database.writing() as connection:
            await lock_owner(connection, owner_id)
            newest = await _read(connection, _newest(owner_id).where(_p.name == name))
            if newest and (newest.pipeline, newest.output_options) == (pipeline, output_options):
                return SavedPreset(newest, is_new=False)
            await self._check_versions(connection, owner_id)
            number = await self._next_number(connection, owner_id, name)
            values = {"pipeline": pipeline, "output_options": output_options, "created_at": now()}
            added = insert(preset_versions).values(**number, **values).returning(preset_versions)
            row = (await connection.execute(added)).mappings().one()
        return SavedPreset(Preset(name=name, **row), is_new=newest is None)

    async def get(self, owner_id: UUID, name: str, *, version: int | None = None) -> Preset | None:
        """Return this version, or the newest one; None if the user has no such preset, or it was deleted."""
        chosen = _versions(owner_id).where(_v.version == version) if version else _newest(owner_id)
        async with self._database.reading() as connection:
            return await _read(connection, chosen.where(_p.name == name))

    async def list(self, owner_id: UUID, *, limit: int, before: UUID | None = None) -> builtins.list[Preset]:
        """Return the newest versions, the newest names first. `before` is the last preset_id of the previous page."""
        statement = _newest(owner_id).order_by(_p.preset_id.desc()).limit(limit)
        if before:
            statement = statement.where(_p.preset_id < before)
        async with self._database.reading() as connection:
            return [_preset(row) for row in (await connection.execute(statement)).mappings()]

    async def delete(self, owner_id: UUID, name: str) -> bool:
        """Delete all versions. The name keeps its number, so that a later preset begins with a new version."""
        owned = select(_p.preset_id).where(_p.owner_id == owner_id, _p.name == name)
        deleted = delete(preset_versions).where(_v.preset_id.in_(owned)).returning(_v.version)
        async with self._database.writing() as connection:
            return (await connection.execute(deleted)).first() is not None

    async def _check_versions(self, connection: Connection, owner_id: UUID) -> None:
        count = select(func.count()).select_from(_versions(owner_id).subquery())
        if (await connection.execute(count)).scalar_one() >= self._max_versions:
            raise QuotaExceeded(f"At most {self._max_versions} versions of presets are allowed. Delete a preset.")

    async def _next_number(self, connection: Connection, owner_id: UUID, name: str) -> dict[str, Any]:
        """Return the key of the next version of the name."""
        following = update(presets).where(_p.owner_id == owner_id, _p.name == name).values(version=_p.version + 1)
        row = (await connection.execute(following.returning(_p.preset_id, _p.version))).mappings().one_or_none()
        if row:
            return dict(row)
        count = select(func.count()).select_from(presets).where(_p.owner_id == owner_id)
        if (await connection.execute(count)).scalar_one() >= self._max_names:
            raise QuotaExceeded(
                f"At most {self._max_names} names of presets are allowed, deleted ones included. Reuse a name."
            )
        first = {"preset_id": uuid7(), "version": 1}
        await connection.execute(insert(presets).values(**first, owner_id=owner_id, name=name))
        return first


def _versions(owner_id: UUID) -> Select[Any]:
    joined = presets.join(preset_versions, _v.preset_id == _p.preset_id)
    return select(*_COLUMNS).select_from(joined).where(_p.owner_id == owner_id)


def _newest(owner_id: UUID) -> Select[Any]:
    return _versions(owner_id).where(_v.version == _p.version)


_COLUMNS = [_p.preset_id, _p.name, _v.version, _v.pipeline, _v.output_options, _v.created_at]


async def _read(connection: Connection, statement: Select[Any]) -> Preset | None:
    row = (await connection.execute(statement)).mappings().one_or_none()
    return _preset(row) if row else None


def _preset(row: Mapping[Any, Any]) -> Preset:
    return Preset(**row)
