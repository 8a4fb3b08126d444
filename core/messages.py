"""The one message on the queue: ids and keys only, never pixels. Losing it loses no task."""

from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict


class TaskQueued(BaseModel):
    """Announces that a task may be claimed. The database decides whether it may."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Literal[1] = 1
    task_id: UUID
    source_key: str

    def encode(self) -> bytes:
        return self.model_dump_json().encode()

    @classmethod
    def decode(cls, body: bytes) -> "TaskQueued":
        """Parse a message. Raises ValueError for anything else, a future version included."""
        return cls.model_validate_json(body)
