"""Repeating a request harmlessly: the key is stored with its task, in one transaction, and lives as long as the row."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement

from storage.sql.schema import tasks


@dataclass(frozen=True, slots=True, kw_only=True)
class IdempotencyKey:
    """The key is the client's own; `order_sha256` tells whether it comes with the same order again."""

    key: str
    order_sha256: str


def columns_of(idempotency: IdempotencyKey | None) -> dict[str, str]:
    return {"idempotency_key": idempotency.key, "order_sha256": idempotency.order_sha256} if idempotency else {}


def has_key(key: str, *, owner_id: UUID) -> ColumnElement[bool]:
    return (tasks.c.owner_id == owner_id) & (tasks.c.idempotency_key == key)
