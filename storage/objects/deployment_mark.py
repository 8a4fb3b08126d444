"""The object that says which deployment a bucket belongs to."""

from uuid import UUID

from pydantic import TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from core.errors import ConfigurationError, DependencyUnavailable, SourceMissing
from core.keys import DEPLOYMENT_MARK
from storage.objects.interface import ObjectStore

_MAX_BYTES = 4096
_MEDIA_TYPE = "application/json"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeploymentMark:
    """`generation` changes at each start and each collection of orphans."""

    deployment_id: UUID
    generation: UUID


_MARK = TypeAdapter(DeploymentMark)


async def read_mark(objects: ObjectStore) -> DeploymentMark | None:
    """Return the mark, if there is one. Raises ConfigurationError for a damaged one, and DependencyUnavailable."""
    try:
        return _MARK.validate_json(await objects.get(DEPLOYMENT_MARK, max_bytes=_MAX_BYTES))
    except SourceMissing:
        return None
    except ValidationError as error:
        raise ConfigurationError(
            f"{DEPLOYMENT_MARK} in the bucket is damaged. `make adopt` or `darkroom admin adopt` writes it anew."
        ) from error
    except DependencyUnavailable as error:
        raise _named(error) from error


async def create_mark(objects: ObjectStore, mark: DeploymentMark) -> None:
    """Write the mark unless it exists. Read it again: a store without conditional writes replaces it."""
    try:
        await objects.create(DEPLOYMENT_MARK, _MARK.dump_json(mark), media_type=_MEDIA_TYPE)
    except DependencyUnavailable as error:
        raise _named(error) from error


async def replace_mark(objects: ObjectStore, mark: DeploymentMark) -> None:
    try:
        async with objects.open_upload(DEPLOYMENT_MARK, media_type=_MEDIA_TYPE, is_repeated=True) as upload:
            await upload.write(_MARK.dump_json(mark))
            await upload.complete()
    except DependencyUnavailable as error:
        raise _named(error) from error


def _named(error: DependencyUnavailable) -> DependencyUnavailable:
    """Return the error with the key: a policy of the server may allow all objects except this one."""
    return DependencyUnavailable(error.dependency, f"{DEPLOYMENT_MARK}: {error.detail}")
