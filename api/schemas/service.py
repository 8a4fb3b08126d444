"""Problem details and health."""

from typing import Annotated, Any, Literal

from pydantic import Field

from api.schemas.base import View


class ProblemPlaceView(View):
    place: Annotated[
        str, Field(examples=["pipeline.2.sigma"], description="Path of the field, such as `pipeline.2.sigma`.")
    ]
    message: Annotated[str, Field(description="What is wrong there.")]
    code: Annotated[
        str | None,
        Field(examples=["less_than_equal"], description="The kind of error; omitted if only the message says it."),
    ] = None
    values: Annotated[
        dict[str, Any] | None, Field(examples=[{"le": 250}], description="What the code refers to; omitted with it.")
    ] = None


class ProblemView(View):
    """RFC 9457 problem details."""

    type: Annotated[str, Field(examples=["urn:darkroom:problem:invalid_pipeline"], description="A URN with the code.")]
    title: Annotated[str, Field(description="The code in words.")]
    status: Annotated[int, Field(description="The HTTP status.")]
    code: Annotated[str, Field(description="Stable and machine-readable.", examples=["invalid_pipeline"])]
    detail: Annotated[str, Field(description="Human-readable explanation.")]
    request_id: Annotated[str, Field(description="Also in the log lines of the service.")]
    problems: Annotated[
        list[ProblemPlaceView],
        Field(description="Each problem with its place; empty where the request as a whole was rejected."),
    ]


class HealthView(View):
    status: Annotated[
        Literal["ok", "degraded", "unavailable"],
        Field(description="`degraded`: requests are answered, but something needs repair."),
    ]
    dependencies: dict[str, str] = Field(default={}, description='State of each dependency: "ok" or an explanation.')
    isolation: Annotated[
        dict[str, str] | None,
        Field(description='Sandbox layers of the render processes: "active", or why one is missing.'),
    ] = None
