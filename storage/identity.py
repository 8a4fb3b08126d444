"""Checks that database and bucket belong together: both hold the id of one deployment, and a common generation.

To another database, every object in the bucket would look like an orphan. What is compared, and when: docs/adr/0024.
"""

import asyncio
from contextlib import suppress
from uuid import UUID

import structlog

from core.errors import ConfigurationError, DarkroomError, DependencyUnavailable
from core.keys import DELIVERED, OUTPUTS, SOURCES, row_id
from storage.objects.deployment_mark import DeploymentMark, create_mark, read_mark, replace_mark
from storage.objects.interface import ObjectStore
from storage.sql.bucket.deployment import Deployment, DeploymentRepository, Period
from storage.sql.delivered_images import DeliveredImageRepository
from storage.sql.images import ImageRepository
from storage.sql.tasks.repository import TaskRepository

_SAMPLE = 100  # objects of each kind
_STOP_SECONDS = 3.0  # the longest that a frozen server delays a stop

_log = structlog.get_logger(__name__)


class BucketIdentity:
    """`bucket` and `database` are their names in messages."""

    def __init__(  # noqa: PLR0913 - what is compared, and its names
        self,
        deployments: DeploymentRepository,
        objects: ObjectStore,
        *,
        images: ImageRepository,
        tasks: TaskRepository,
        delivered: DeliveredImageRepository,
        bucket: str,
        database: str,
    ) -> None:
        self._deployments = deployments
        self._objects = objects
        self._images = images
        self._tasks = tasks
        self._delivered = delivered
        self.bucket = bucket
        self.database = database
        self._is_verified = False

    async def start(self) -> None:
        """Verify at the start of a process. If a server is unavailable then, `check` and collections verify later."""
        try:
            await self.verify()
            await self.raise_generation()
        except DependencyUnavailable as error:
            _log.warning("bucket_not_verified", detail=error.detail)

    async def stop(self) -> None:
        """Raise the generation once more, so that a dump from before the stop is recognised as older."""
        with suppress(DarkroomError, TimeoutError):
            async with asyncio.timeout(_STOP_SECONDS):
                await self.verify()
                await self.raise_generation()

    async def check(self) -> None:
        """Verify, unless that succeeded before. Raises as `verify` does."""
        if not self._is_verified:
            await self.verify()

    async def verify(self) -> None:
        """Claim a new bucket. Raises ConfigurationError for one of another deployment, and DependencyUnavailable.

        If the bucket has a generation that the database does not know, an older dump was restored: objects of the time
        in between are never collected.
        """
        self._is_verified = False
        try:
            await self._verify()
        except ConfigurationError:  # perhaps another process claimed the bucket between the two reads
            await self._verify()
        self._is_verified = True

    async def raise_generation(self) -> None:
        """Write a new generation to the database, then to the bucket. Call `verify` before."""
        mark = await read_mark(self._objects)
        deployment_id = await self._deployments.begin()
        if mark and mark.deployment_id != deployment_id:
            raise self._belongs_to_another(mark)
        generation = await self._deployments.add_generation(in_bucket=mark.generation if mark else None)
        await replace_mark(self._objects, DeploymentMark(deployment_id=deployment_id, generation=generation))

    async def adopt(self) -> Period:
        """Assign the bucket to this database, whatever is in it. No object that it holds now is ever an orphan."""
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
        """Claim a new bucket, one whose claim was interrupted, or one of a version without marks."""
        sources, outputs, delivered = [await self._first_ids(prefix) for prefix in (SOURCES, OUTPUTS, DELIVERED)]
        known = len(await self._images.known_ids(sources)) + len(await self._tasks.find(outputs))
        known += len(await self._delivered.known_ids(delivered))
        is_empty = not (sources or outputs or delivered)
        if is_empty and (deployment.claimed_at if deployment else await self._deployments.expects_objects()):
            raise self._is_another("is empty, but the database names objects or has used a bucket before")
        if not is_empty and 2 * known < len(sources) + len(outputs) + len(delivered):
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
        """Return the ids in the keys of the oldest objects: keys are ordered by time."""
        found = set[UUID]()
        async for stored in self._objects.list(prefix):
            if owner := row_id(stored.key):
                found.add(owner)
            if len(found) == _SAMPLE:
                break
        return found

    def _belongs_to_another(self, mark: DeploymentMark | None) -> ConfigurationError:
        owner = f" ({mark.deployment_id})" if mark else ""
        return self._is_another(f"belongs to another deployment{owner}, which has another database")

    def _is_another(self, what: str) -> ConfigurationError:
        return ConfigurationError(
            f"{self.bucket} {what}. The database is {self.database}. Nothing was changed.\n"
            "Set DARKROOM_DATABASE_URL, DARKROOM_DATA_DIR and DARKROOM_S3_BUCKET to a database and a bucket that "
            "belong together, or restore the database.\n"
            "To assign this bucket to this database deliberately, run `make adopt` or `darkroom admin adopt`. "
            "It deletes nothing."
        )


def _times(period: Period) -> dict[str, str]:
    return {"began_at": period.began_at.isoformat(), "ended_at": period.ended_at.isoformat()}
