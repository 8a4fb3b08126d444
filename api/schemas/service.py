"""Problem details and health."""

from typing import Annotated, Literal

from pydantic import Field

from api.schemas.base import View


class ProblemPlaceView(View):
    place: Annotated[str, Field(examples=["pipeline.2.sigma"])]
    message: str


class ProblemView(View):
    """RFC 9457 problem details."""

    type: Annotated[str, Field(examples=["urn:darkroom:problem:invalid_pipeline"])]
    title: str
    status: int
    code: Annotated[str, Field(description="Stable and machine-readable.", examples=["invalid_pipeline"])]
    detail: Annotated[str, Field(description="Human-readable explanation.")]
    request_id: str
    problems: list[ProblemPlaceView]


class HealthView(View):
    status: Literal["ok", "degraded", "unavailable"]
    dependencies: dict[str, str] = Field(default={}, description='State of each dependency: "ok" or an explanation.')
    isolation: Annotated[
        dict[str, str] | None,
        Field(description='Sandbox layers of the render processes: "active", or why one is missing.'),
    ] = None
