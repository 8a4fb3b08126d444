"""The identity of this database, by which it knows its bucket, and the times whose rows it may have lost."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import ScalarSelect, delete, func, insert, select, update
from sqlalchemy.exc import ProgrammingError

from core.errors import ConfigurationError
from core.ids import uuid7
from storage.sql.clock import now
from storage.sql.database import Database
from storage.sql.engines.interface import Connection
from storage.sql.schema import deployment, generations, images, tasks, unwatched_periods
from storage.sql.statements import insert_into

_CLOCK_SKEW = timedelta(minutes=15)  # more than that, and S3 rejects our signatures
_GENERATIONS_SECONDS = 86_400.0  # far longer than a write into the bucket takes
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_COLUMNS = (deployment.c.deployment_id, deployment.c.claimed_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """`claimed_at` is None until the bucket was seen to hold the id."""

    deployment_id: UUID
    claimed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    began_at: datetime
    ended_at: datetime


class DeploymentRepository:
    """Every method is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self) -> Deployment | None:
        """Raises ConfigurationError for a database that was not migrated."""
        try:
            async with self._database.reading() as connection:
                row = (await connection.execute(select(*_COLUMNS))).mappings().one_or_none()
        except ProgrammingError as error:
            raise ConfigurationError(
                "The database has an older schema. Update it with `make migrate` or `darkroom admin migrate`."
            ) from error
        return Deployment(**row) if row else None

    async def begin(self) -> UUID:
        """Give this database an id, unless it has one; returns the id that it has."""
        values = {"is_only_row": True, "deployment_id": uuid7(), "orphans_held": 0, "orphans_allowed": 0}
        async with self._database.writing() as connection:
            await connection.execute(insert_into(connection, deployment).values(values).on_conflict_do_nothing())
            deployment_id: UUID = (await connection.execute(select(deployment.c.deployment_id))).scalar_one()
        return deployment_id

    async def confirm_claim(self) -> None:
        """Note that the bucket holds the id of this database."""
        async with self._database.writing() as connection:
            await connection.execute(update(deployment).values(claimed_at=now()))

    async def add_generation(self, *, in_bucket: UUID | None) -> UUID:
        """Return a generation that is to be written into the bucket now; forget those of days ago but the bucket's."""
        generation = uuid7()
        is_old = generations.c.raised_at < now(plus_seconds=-_GENERATIONS_SECONDS)
        async with self._database.writing() as connection:
            if in_bucket:
                await connection.execute(delete(generations).where(is_old, generations.c.generation != in_bucket))
            await connection.execute(insert(generations).values(generation=generation, raised_at=now()))
        return generation

    async def knows_generation(self, generation: UUID) -> bool:
        statement = select(generations.c.generation).where(generations.c.generation == generation)
        async with self._database.reading() as connection:
            return (await connection.execute(statement)).first() is not None

    async def expects_objects(self) -> bool:
        """Whether a row names an object."""
        an_output = select(tasks.c.task_id).where(tasks.c.output_key.is_not(None)).limit(1)
        async with self._database.reading() as connection:
            found = select(_newest_image().is_not(None) | an_output.exists())
            return bool((await connection.execute(found)).scalar_one())

    async def newest_row_at(self) -> datetime | None:
        """Return when the newest image or task was created; None without one."""
        async with self._database.reading() as connection:
            row = (await connection.execute(select(_newest_image(), _newest_task()))).one()
        return max(filter(None, row), default=None)

    async def add_unwatched_period(self) -> Period:
        """From the last moment that this database knows of until now, with room for clocks that differ."""
        newest_generation = select(func.max(generations.c.raised_at)).scalar_subquery()
        async with self._database.writing() as connection:
            row = (await connection.execute(select(_newest_image(), _newest_task(), newest_generation))).one()
            known = max(filter(None, row), default=None)
            return await _add_period(connection, began_at=known - _CLOCK_SKEW if known else _EPOCH)

    async def disown_all_objects(self) -> Period:
        """Whatever the bucket holds now is nobody's orphan."""
        async with self._database.writing() as connection:
            return await _add_period(connection, began_at=_EPOCH)

    async def unwatched_periods(self) -> list[Period]:
        statement = select(unwatched_periods.c.began_at, unwatched_periods.c.ended_at)
        async with self._database.reading() as connection:
            return [Period(**row) for row in (await connection.execute(statement)).mappings()]


async def _add_period(connection: Connection, *, began_at: datetime) -> Period:
    ended_at = now(plus_seconds=_CLOCK_SKEW.total_seconds())
    period = insert(unwatched_periods).values(period_id=uuid7(), began_at=began_at, ended_at=ended_at)
    columns = (unwatched_periods.c.began_at, unwatched_periods.c.ended_at)
    return Period(**(await connection.execute(period.returning(*columns))).mappings().one())


def _newest_image() -> ScalarSelect[datetime]:
    """By the primary key, whose ids are ordered by time."""
    return select(images.c.created_at).order_by(images.c.image_id.desc()).limit(1).scalar_subquery()


def _newest_task() -> ScalarSelect[datetime]:
    return select(tasks.c.created_at).order_by(tasks.c.task_id.desc()).limit(1).scalar_subquery()
