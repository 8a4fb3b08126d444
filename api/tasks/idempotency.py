"""`Idempotency-Key`: a request that is repeated with its key gets what the first one created, also after a crash."""

import hashlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Annotated, Any
from uuid import UUID

from fastapi import Header

from api.schemas import TaskOptionsBody
from api.tasks.spec import RenderSpec
from core.errors import IdempotencyKeyReused, RequestInProgress
from core.labels import Labels
from core.tasks import Task
from storage import IdempotencyKey, Storage, StoredImage

KeyHeader = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=200,
        pattern=r"^[\x21-\x7e]+$",
        description="A unique value, such as a UUID. Repeated with it, a request returns what the first one created.",
    ),
]

Find = Callable[[str], Awaitable[Any]]


class Idempotency:
    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    @asynccontextmanager
    async def holding(self, key: str | None, *, owner_id: UUID) -> AsyncIterator[None]:
        """Hold the key of a task. Raises RequestInProgress until another request with this key has created its task."""
        async with self._holding(f"{owner_id} {key}", key, partial(self._task, owner_id=owner_id)):
            yield

    @asynccontextmanager
    async def holding_image(self, key: str | None, *, owner_id: UUID) -> AsyncIterator[None]:
        """Do the same for the key of an image: keys of tasks and images are independent."""
        async with self._holding(f"image {owner_id} {key}", key, partial(self._image, owner_id=owner_id)):
            yield

    @asynccontextmanager
    async def _holding(self, name: str, key: str | None, find: Find) -> AsyncIterator[None]:
        if key is None:
            yield
            return
        async with self._storage.locks.held(hashlib.sha256(name.encode()).hexdigest()) as mine:
            if not mine and not await find(key):
                raise RequestInProgress("Another request with this Idempotency-Key is in progress. Retry in a second.")
            yield

    async def _task(self, key: str, *, owner_id: UUID) -> Task | None:
        return await self._storage.tasks.by_idempotency_key(key, owner_id=owner_id)

    async def _image(self, key: str, *, owner_id: UUID) -> StoredImage | None:
        return await self._storage.images.by_idempotency_key(key, owner_id=owner_id)

    async def first_image(self, key: str | None, *, owner_id: UUID, sha256: str, labels: Labels) -> StoredImage | None:
        """Return the image that the key created before. Raises IdempotencyKeyReused for other bytes or labels."""
        image = await self._storage.images.by_idempotency_key(key, owner_id=owner_id)
        if image:
            check_same_image(image, sha256=sha256, labels=labels)
        return image

    async def first(self, idempotency: IdempotencyKey | None, *, owner_id: UUID) -> Task | None:
        """Return the task that the key created before. Raises IdempotencyKeyReused if its request was different."""
        if idempotency is None:
            return None
        task = await self._storage.tasks.by_idempotency_key(idempotency.key, owner_id=owner_id)
        if task:
            check_same(task, idempotency)
        return task


def check_same_image(image: StoredImage, *, sha256: str, labels: Labels) -> None:
    if (image.sha256, image.reference, image.tags) != (sha256, labels.reference, labels.tags):
        raise IdempotencyKeyReused("This Idempotency-Key was used for a different image. Use a new key.")


def check_same(task: Task, idempotency: IdempotencyKey | None) -> None:
    if idempotency and task.order_sha256 != idempotency.order_sha256:
        raise IdempotencyKeyReused("This Idempotency-Key was used for a different request. Use a new key.")


def identify(key: str | None, spec: RenderSpec, options: TaskOptionsBody, *, image: str) -> IdempotencyKey | None:
    """Combine key and request. `image` is the SHA-256 of an uploaded image, or the id of a stored one."""
    if key is None:
        return None
    fields = [image, *spec.as_requested()]
    if spec.file_name:  # appended, so that keys of earlier versions stay valid
        fields.append(spec.file_name)
    if given := options.model_dump(include=set(TaskOptionsBody.model_fields), exclude_defaults=True):
        fields.append(given)
    text = json.dumps(fields, sort_keys=True, separators=(",", ":"))
    return IdempotencyKey(key=key, order_sha256=hashlib.sha256(text.encode()).hexdigest())
