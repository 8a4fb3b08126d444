"""What worker and render child say to each other: one JSON line each way; the pixels lie in shared memory."""

from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from imaging.pipeline.report import RenderReport

LARGEST_MESSAGE_BYTES = 2**20
LARGEST_OUTPUT_BYTES = 2**28


class _Message(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    def encode(self) -> bytes:
        return self.model_dump_json().encode() + b"\n"


class ChildSettings(_Message):
    """Fixed for the life of a child. `preload` names modules that the forkserver imports once for all children."""

    max_pixels: int
    max_side: int
    memory_bytes: int
    cpu_seconds: int
    open_files: int = 32
    preload: tuple[str, ...] = ()


class RenderRequest(_Message):
    """The source is the first `source_bytes` of the shared memory; second pictures lie behind it, in this order."""

    source_bytes: int
    pictures: tuple[tuple[UUID, int], ...] = ()  # their ids and bytes
    pipeline: tuple[dict[str, Any], ...]
    output_options: dict[str, Any]


class RenderReply(_Message):
    """`rendered`: the output is the first `output_bytes` of the shared memory. Everything else says why it is not."""

    outcome: Literal["rendered", "permanent", "resource_limit", "crashed"]
    code: str = ""
    detail: str = ""
    format: str = ""
    width: int = 0
    height: int = 0
    output_bytes: int = Field(0, ge=0, le=LARGEST_OUTPUT_BYTES)
    report: RenderReport | None = None
    source_pixels: int = 0
    analysis: dict[str, Any] | None = None


class ChildGreeting(_Message):
    """The first that a child says. `walls` are those of rendering/sandbox/sandbox.py."""

    walls: dict[str, str]
