"""A database and a bucket belong together: both hold the id of one deployment, and a generation that only grows.

A database that does not know the bucket would see only orphans in it. docs/adr/0024 says what is compared, and when.
"""

import asyncio
from contextlib import suppress
from uuid import UUID

import structlog

from core.errors import ConfigurationError, DarkroomError, DependencyUnavailable
from core.keys import OUTPUTS, SOURCES, row_id
from storage.objects.deployment_mark import DeploymentMark, create_mark, read_mark, replace_mark
from storage.objects.interface import ObjectStore
from storage.sql.deployment import Deployment, DeploymentRepository, Period
from storage.sql.images import ImageRepository
from storage.sql.tasks import TaskRepository

_SAMPLE = 100  # objects of each kind
_LAST_SECONDS = 3.0  # at a stop, for a server that is frozen

_log = structlog.get_logger(__name__)


class BucketIdentity:
    """`bucket` and `database` name the places in messages."""

    def __init__(  # noqa: PLR0913 - what is compared, and its names
        self,
        deployments: DeploymentRepository,
        objects: ObjectStore,
        *,
        images: ImageRepository,
        tasks: TaskRepository,
        bucket: str,
        database: str,
    ) -> None:
        self._deployments = deployments
        self._objects = objects
        self._images = images
        self._tasks = tasks
        self.bucket = bucket
        self.database = database
        self._is_verified = False

    async def start(self) -> None:
        """Verify at the start of a process; what cannot be reached then is verified by `check` and by collections."""
        try:
            await self.verify()
            await self.raise_generation()
        except DependencyUnavailable as error:
            _log.warning("bucket_not_verified", detail=error.detail)

    async def stop(self) -> None:
        """So that a database of before the stop is known to be an older one."""
        with suppress(DarkroomError, TimeoutError):
            async with asyncio.timeout(_LAST_SECONDS):
                await self.verify()
                await self.raise_generation()

    async def check(self) -> None:
        """Verify unless that was done. Raises as `verify` does."""
        if not self._is_verified:
            await self.verify()

    async def verify(self) -> None:
        """Claim an empty bucket; raises ConfigurationError for one of another deployment, and DependencyUnavailable.

        A bucket that knows a later generation than the database has seen a later database: an older dump was restored.
        """
        self._is_verified = False
        try:
            await self._verify()
        except ConfigurationError:  # or another process claimed the bucket between our two reads
            await self._verify()
        self._is_verified = True

    async def raise_generation(self) -> None:
        """Write a new generation into the database, then into the bucket. Call `verify` before."""
        mark = await read_mark(self._objects)
        deployment_id = await self._deployments.begin()
        if mark and mark.deployment_id != deployment_id:
            raise self._belongs_to_another(mark)
        generation = await self._deployments.add_generation(in_bucket=mark.generation if mark else None)
        await replace_mark(self._objects, DeploymentMark(deployment_id=deployment_id, generation=generation))

    async def adopt(self) -> Period:
        """Make the bucket this database's, whatever was in it: nothing that it holds now is ever an orphan."""
        period = await self._deployments.disown_all_objects()
        deployment_id = await self._deployments.begin()
        generation = await self._deployments.add_generation(in_bucket=None)
        await replace_mark(self._objects, DeploymentMark(deployment_id=deployment_id, generation=generation))
        await self._deployments.confirm_claim()
        return period

    async def _verify(self) -> None:
        mark = await read_mark(self._objects)  # first: each generation is in the database before it is in the bucket
        deployment = await self._deployments.get()
        if mark is None:
            await self._claim_unmarked(deployment)
        elif deployment is None or mark.deployment_id != deployment.deployment_id:
            raise self._belongs_to_another(mark)
        else:
            await self._compare_generation(deployment, mark)

    async def _compare_generation(self, deployment: Deployment, mark: DeploymentMark) -> None:
        if not await self._deployments.knows_generation(mark.generation):
            period = await self._deployments.add_unwatched_period()
            _log.warning("older_database", **_times(period), kept="objects of this time are never collected as orphans")
            await self.raise_generation()
        if not deployment.claimed_at:
            await self._deployments.confirm_claim()

    async def _claim_unmarked(self, deployment: Deployment | None) -> None:
        """A new bucket, a claim that was cut short, or a bucket of a version before these marks."""
        sources, outputs = [await self._first_ids(prefix) for prefix in (SOURCES, OUTPUTS)]
        known = len(await self._images.known_ids(sources)) + len(await self._tasks.find(outputs))
        is_empty = not (sources or outputs)
        if is_empty and (deployment.claimed_at if deployment else await self._deployments.expects_objects()):
            raise self._is_another("is empty, but the database names objects or has used a bucket before")
        if not is_empty and 2 * known < len(sources) + len(outputs):
            raise self._is_another("holds objects that the database does not know")
        if not is_empty:
            period = await self._deployments.add_unwatched_period()
            _log.warning("bucket_adopted", bucket=self.bucket, **_times(period))
        await self._claim()

    async def _claim(self) -> None:
        deployment_id = await self._deployments.begin()
        generation = await self._deployments.add_generation(in_bucket=None)
        await create_mark(self._objects, DeploymentMark(deployment_id=deployment_id, generation=generation))
        mark = await read_mark(self._objects)
        if mark is None or mark.deployment_id != deployment_id:
            raise self._belongs_to_another(mark)
        await self._deployments.confirm_claim()

    async def _first_ids(self, prefix: str) -> set[UUID]:
        """The rows that the oldest objects belong to: ids in keys are ordered by time."""
        found = set[UUID]()
        async for stored in self._objects.list(prefix):
            if owner := row_id(stored.key):
                found.add(owner)
            if len(found) == _SAMPLE:
                break
        return found

    def _belongs_to_another(self, mark: DeploymentMark | None) -> ConfigurationError:
        owner = f" ({mark.deployment_id})" if mark else ""
        return self._is_another(f"belongs to another deployment{owner}, whose database is another one")

    def _is_another(self, what: str) -> ConfigurationError:
        return ConfigurationError(
            f"{self.bucket} {what}. The database is {self.database}. Nothing was changed.\n"
            "Set DARKROOM_DATABASE_URL, DARKROOM_DATA_DIR and DARKROOM_S3_BUCKET to a database and a bucket that "
            "belong together, or restore the database.\n"
            "To give this bucket to this database on purpose, run: make adopt (python -m storage.adopt). "
            "It deletes nothing."
        )


def _times(period: Period) -> dict[str, str]:
    return {"began_at": period.began_at.isoformat(), "ended_at": period.ended_at.isoformat()}
