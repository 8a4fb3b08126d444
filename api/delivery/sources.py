"""Where delivered images come from."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from api.tasks.auxiliary_images import check_source
from core.errors import NotFound
from storage import ImageRepository, ObjectStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """An image before it is loaded. `identity` is JSON that changes with its bytes; `image_id`: of an uploaded one."""

    name: str  # of the file that is delivered, without extension
    owner_id: UUID
    image_id: UUID | None
    identity: list[Any]
    format: str
    modified_at: datetime
    load: Callable[[], Awaitable[bytes]] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadedSources:
    images: ImageRepository
    objects: ObjectStore
    max_bytes: int

    async def find(self, image_id: UUID, *, owner_id: UUID) -> Source:
        """Raises NotFound for an image that the owner does not have, and InvalidRequest for a file that is no image."""
        image = await self.images.get(image_id, owner_id=owner_id)
        if image is None:
            raise NotFound("Image not found.")
        check_source(image)
        return Source(
            name=str(image.image_id),
            owner_id=owner_id,
            image_id=image.image_id,
            identity=[str(image.image_id), image.sha256],
            format=image.format,
            modified_at=image.created_at,
            load=partial(self.objects.get, image.key, max_bytes=self.max_bytes),
        )
