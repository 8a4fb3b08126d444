"""Where delivered images come from."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """An image before it is loaded. `identity` is JSON that changes with its bytes; `image_id`: of an uploaded one."""

    name: str  # of the file that is delivered, without extension
    owner_id: UUID
    image_id: UUID | None
    identity: list[Any]
    modified_at: datetime
    load: Callable[[], Awaitable[bytes]] = field(repr=False)
