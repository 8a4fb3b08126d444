"""Messages between a render process and its owner: one JSON line each way; images lie in shared memory."""

from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from core.errors import Problem
from imaging import Preview, RenderReport, RenderWarning

LARGEST_MESSAGE_BYTES = 2**20
LARGEST_OUTPUT_BYTES = 2**28


class _Message(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    def encode(self) -> bytes:
        return self.model_dump_json().encode() + b"\n"


class RenderSettings(_Message):
    """Limits of a render process, fixed for its life. `preload`: modules that the forkserver imports once for all."""

    max_pixels: int
    max_side: int
    max_frames: int = 100
    memory_bytes: int
    cpu_seconds: int
    open_files: int = 32
    preload: tuple[str, ...] = ()


class RenderRequest(_Message):
    """The source is the first `source_bytes` of the shared memory; auxiliary images follow it in this order."""

    source_bytes: int
    auxiliary_images: tuple[tuple[UUID, int], ...] = ()  # their ids and bytes
    pipeline: tuple[dict[str, Any], ...]
    output_options: dict[str, Any]
    preview: Preview | None = None  # then the source is a proxy


class RenderReply(_Message):
    """`rendered`: the output is the first `output_bytes` of the shared memory. Every other outcome is a failure."""

    outcome: Literal["rendered", "permanent", "resource_limit", "crashed"]
    code: str = ""
    detail: str = ""
    problems: tuple[Problem, ...] = ()  # of an invalid pipeline
    format: str = ""
    width: int = 0
    height: int = 0
    output_bytes: int = Field(0, ge=0, le=LARGEST_OUTPUT_BYTES)
    report: RenderReport | None = None
    warnings: tuple[RenderWarning, ...] = ()
    source_pixels: int = 0
    source_size: tuple[int, int] = (0, 0)
    analysis: dict[str, Any] | None = None


class Greeting(_Message):
    """The first message of a render process. `sandbox` is what `enter_sandbox` returned."""

    sandbox: dict[str, str]
