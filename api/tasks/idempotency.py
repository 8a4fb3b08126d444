"""`Idempotency-Key`: a request that is repeated with its key gets the task of the first one, also after a crash."""

import hashlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated
from uuid import UUID

from fastapi import Header

from api.schemas import TaskOptionsBody
from api.tasks.spec import RenderSpec
from core.errors import IdempotencyKeyReused, RequestInProgress
from core.tasks import Task
from storage import IdempotencyKey, Storage

KeyHeader = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=200,
        pattern=r"^[\x21-\x7e]+$",
        description="A unique value, such as a UUID. A repeated request with the same key returns the first task.",
    ),
]


class Idempotency:
    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    @asynccontextmanager
    async def holding(self, key: str | None, *, owner_id: UUID) -> AsyncIterator[None]:
        """Hold the key. Raises RequestInProgress while another request with this key has not created its task yet."""
        if key is None:
            yield
            return
        name = hashlib.sha256(f"{owner_id} {key}".encode()).hexdigest()
        async with self._storage.locks.held(name) as mine:
            if not mine and not await self._storage.tasks.by_idempotency_key(key, owner_id=owner_id):
                raise RequestInProgress("Another request with this Idempotency-Key is in progress. Retry in a second.")
            yield

    async def first(self, idempotency: IdempotencyKey | None, *, owner_id: UUID) -> Task | None:
        """Return the task that the key created before. Raises IdempotencyKeyReused if its request was different."""
        if idempotency is None:
            return None
        task = await self._storage.tasks.by_idempotency_key(idempotency.key, owner_id=owner_id)
        if task:
            check_same(task, idempotency)
        return task


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
