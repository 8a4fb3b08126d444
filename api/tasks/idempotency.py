"""`Idempotency-Key`: the same key with the same order gets the first task again, however often and whatever died."""

import hashlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated
from uuid import UUID

from fastapi import Header

from api.tasks.spec import Order
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
        description="Any text of yours. The same key with the same order gets the first task, as long as it exists.",
    ),
]


class Idempotency:
    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    @asynccontextmanager
    async def holding(self, key: str | None, *, owner_id: UUID) -> AsyncIterator[None]:
        """Raises RequestInProgress while another request with this key has not made its task yet."""
        if key is None:
            yield
            return
        name = hashlib.sha256(f"{owner_id} {key}".encode()).hexdigest()
        async with self._storage.reservations.held(name) as mine:
            if not mine and not await self._storage.tasks.by_idempotency_key(key, owner_id=owner_id):
                raise RequestInProgress("A request with this Idempotency-Key is being answered. Try again.")
            yield

    async def first(self, idempotency: IdempotencyKey | None, *, owner_id: UUID) -> Task | None:
        """What the key made before. Raises IdempotencyKeyReused when that was another order."""
        if idempotency is None:
            return None
        task = await self._storage.tasks.by_idempotency_key(idempotency.key, owner_id=owner_id)
        if task:
            check_same(task, idempotency)
        return task


def check_same(task: Task, idempotency: IdempotencyKey | None) -> None:
    if idempotency and task.order_sha256 != idempotency.order_sha256:
        raise IdempotencyKeyReused("This Idempotency-Key came with another picture, pipeline or output before.")


def identify(key: str | None, order: Order, *, image: str) -> IdempotencyKey | None:
    """`image` is the digest of a picture that came along, or the id of one that was there."""
    if key is None:
        return None
    said = [image, order.pipeline.as_json(), order.output.model_dump(mode="json")]
    text = json.dumps(said, sort_keys=True, separators=(",", ":"))
    return IdempotencyKey(key=key, order_sha256=hashlib.sha256(text.encode()).hexdigest())
