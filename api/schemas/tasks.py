"""Tasks, their outputs and events."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, ValidationInfo, WithJsonSchema, field_validator

from api.schemas.base import Body, View, members_of
from api.schemas.labels import LabelsBody
from core.tasks import Output, Task, TaskStatus
from imaging import RenderReport, RenderWarning, extension

Disposition = Literal["attachment", "inline"]


class SpecBody(Body):
    """What is rendered, of whatever image."""

    # Of any type here: imaging reports the path of each problem.
    pipeline: Annotated[Any, WithJsonSchema({"anyOf": [{"type": "array", "items": {}}, {"type": "string"}]})] = Field(
        default=[],
        description='Steps: `{"filter": name, …parameters}`, see `/v1/filters`; `@name` of a preset; `thumbor:…`.',
    )
    filter: Annotated[
        str | list[str] | None, Field(description="In place of `pipeline`: names of filters with their defaults.")
    ] = None
    output: Annotated[dict[str, Any] | None, Field(description="`format`, `quality`, `background`, …")] = None
    file_name: Annotated[
        str | None, Field(description="Name of the output; the default is that of the image and of the last step.")
    ] = None

    @field_validator("filter")
    @classmethod
    def _check_filter(cls, names: str | list[str] | None, info: ValidationInfo) -> str | list[str] | None:
        if names is not None and info.data.get("pipeline"):
            raise ValueError("cannot be combined with `pipeline`; send one of them")
        return names

    @property
    def steps(self) -> object:
        """The pipeline, or the steps that the filters are."""
        if self.filter is None:
            return self.pipeline
        names = [self.filter] if isinstance(self.filter, str) else self.filter
        return [{"filter": name} for name in names]


class ImageSpecBody(SpecBody):
    image_id: Annotated[UUID, Field(description="Id of an uploaded image.")]


class TaskOptionsBody(LabelsBody):
    """What a task has besides what it renders."""

    disposition: Annotated[
        Disposition | None, Field(description="Whether browsers save the output or show it; `attachment`.")
    ] = None


class NewTaskBody(ImageSpecBody, TaskOptionsBody):
    """A task on an image that was uploaded before."""


class OutputView(View):
    url: Annotated[str, Field(description="Presigned; valid until `url_expires_at`.")]
    url_expires_at: Annotated[
        datetime, Field(description="When the link ends. Each `GET` of the task returns a new one in time.")
    ]
    format: Annotated[str, Field(description="Format of the output.")]
    width: Annotated[int, Field(description="Width in pixels.")]
    height: Annotated[int, Field(description="Height in pixels.")]
    bytes: Annotated[int, Field(description="Size in bytes.")]
    sha256: Annotated[str, Field(description="SHA-256 of its bytes, in hexadecimal digits.")]
    file_name: Annotated[str, Field(description="Name that it is downloaded as.")]

    @classmethod
    def of(cls, output: Output, *, name: str) -> "OutputView":
        """`name` has no extension."""
        return cls.model_validate(members_of(output, cls, file_name=f"{name}.{extension(output.format)}"))


class TaskErrorView(View):
    code: Annotated[str, Field(description="Stable and machine-readable; see docs/errors.md.")]
    detail: Annotated[str, Field(description="Human-readable explanation.")]


class TaskView(View):
    task_id: Annotated[UUID, Field(description="Id of the task.")]
    status: Annotated[TaskStatus, Field(description="State of the task.")]
    attempt: Annotated[int, Field(description="Number of times that a worker has claimed the task.")]
    image_id: Annotated[UUID | None, Field(description="Null after the source image was deleted.")]
    pipeline: Annotated[list[dict[str, Any]], Field(description="The steps with every parameter, defaults included.")]
    output_options: Annotated[
        dict[str, Any], Field(description="The output options that were sent, and the defaults of the others.")
    ]
    preset: Annotated[
        str | None, Field(description="The version of the preset that the request named, such as `@thumbnail.v3`.")
    ]
    reference: Annotated[str | None, Field(description="The reference that was sent.")]
    tags: Annotated[list[str], Field(description="The tags that were sent.")]
    disposition: Annotated[Disposition, Field(description="Whether browsers save the output or show it.")]
    created_at: Annotated[datetime, Field(description="When it was submitted.")]
    started_at: Annotated[datetime | None, Field(description="When the latest attempt began; null before.")]
    finished_at: Annotated[datetime | None, Field(description="When it ended; null before.")]
    expires_at: Annotated[datetime | None, Field(description="When it is deleted; null before it has ended.")]
    error: Annotated[TaskErrorView | None, Field(description="Error of the latest failed attempt.")]
    output: Annotated[OutputView | None, Field(description="The output; null unless the task succeeded.")]
    analysis: Annotated[dict[str, Any] | None, Field(description="Results of `output.analyse`, by name.")]
    warnings: Annotated[
        list[RenderWarning], Field(description="What succeeded and is probably not what was asked for.")
    ]
    render_report: Annotated[
        RenderReport | None,
        Field(description="The executed plan with timings in milliseconds. Null before success."),
    ]

    @classmethod
    def of(cls, task: Task, *, expires_at: datetime | None) -> "TaskView":
        return cls(
            task_id=task.task_id,
            status=task.status,
            attempt=task.attempt,
            image_id=task.image_id,
            pipeline=list(task.pipeline),
            output_options=task.output_options,
            preset=task.preset,
            reference=task.reference,
            tags=list(task.tags),
            disposition="inline" if task.is_shown_inline else "attachment",
            created_at=task.created_at,
            started_at=task.started_at,
            finished_at=task.finished_at,
            expires_at=expires_at,
            error=TaskErrorView(code=task.error_code, detail=task.error_detail or "") if task.error_code else None,
            output=OutputView.of(task.output, name=task.output_name) if task.output else None,
            analysis=task.analysis,
            warnings=(task.render_report or {}).get("warnings", []),
            render_report=RenderReport.model_validate(task.render_report) if task.render_report else None,
        )


class LoggedEventView(View):
    """What happened to one of the tasks."""

    task_id: Annotated[UUID, Field(description="Id of the task.")]
    event: Annotated[str, Field(description="`created`, `deleted`, or the new status.")]
    attempt: Annotated[int, Field(description="Attempt that the event belongs to.")]
    at: Annotated[datetime, Field(description="When it happened.")]


class TaskEventView(View):
    """A transition of a task."""

    task_id: Annotated[UUID, Field(description="Id of the task.")]
    status: Annotated[TaskStatus, Field(description="The new state.")]
    attempt: Annotated[int, Field(description="Attempt that the transition belongs to.")]
    at: Annotated[datetime | None, Field(description="Null where the time of this transition was not recorded.")]
    task: Annotated[TaskView | None, Field(description="The task, in the event that ends it.")] = None
