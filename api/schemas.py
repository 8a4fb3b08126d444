"""Request bodies (…Body) and responses (…View)."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, EmailStr, Field, SecretStr, WithJsonSchema

from core.tasks import Output, Task, TaskStatus
from imaging import RenderReport
from storage import NewSession, Session, StoredImage, User


class Body(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class View(BaseModel):
    model_config = ConfigDict(frozen=True)


class NewUserBody(Body):
    email: EmailStr
    password: Annotated[SecretStr, Field(min_length=8, max_length=128, description="8 to 128 characters of any kind.")]


class NewSessionBody(Body):
    email: Annotated[str, Field(min_length=1, max_length=320, pattern=r"^[^\x00]*$")]  # PostgreSQL holds no NUL
    password: Annotated[SecretStr, Field(min_length=1, max_length=128)]
    cookie: Annotated[
        bool, Field(description="For web pages: set the token as an HttpOnly cookie instead of returning it.")
    ] = False
    remember_device: Annotated[
        bool, Field(description="Answer with a `device_token` too. Web pages get it in a cookie, asked for or not.")
    ] = False


class PasswordBody(Body):
    password: Annotated[SecretStr, Field(min_length=1, max_length=128, description="The current password.")]


class NewPasswordBody(PasswordBody):
    new_password: Annotated[SecretStr, Field(min_length=8, max_length=128)]


class NewTaskBody(Body):
    """A task on an image that was uploaded before."""

    image_id: UUID
    # Of any type here: imaging reports the path of each problem.
    pipeline: Annotated[
        Any,
        WithJsonSchema({"anyOf": [{"type": "array", "items": {}}, {"type": "string"}]}),
        Field(description='Steps: `{"filter": name, …parameters}`, see `/v1/filters`; or `thumbor:filters:…`.'),
    ] = []
    output: Annotated[dict[str, Any] | None, Field(description="`format`, `quality`, `background`, …")] = None


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


class UserView(View):
    user_id: UUID
    email: str
    created_at: datetime

    @classmethod
    def of(cls, user: User) -> "UserView":
        return cls(user_id=user.user_id, email=user.email, created_at=user.created_at)


class NewSessionView(View):
    token: Annotated[
        str | None,
        Field(description="Shown once. Send it as `Authorization: Bearer <token>`. Null when it was set as a cookie."),
    ]
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - a scheme, not a secret
    session_id: UUID
    expires_at: datetime
    device_token: Annotated[
        str | None,
        Field(description="Sent as `Darkroom-Device` at the next sign-in, it keeps others from locking you out."),
    ] = None

    @classmethod
    def of(cls, new: NewSession, *, device: str | None = None) -> "NewSessionView":
        session = new.session
        return cls(token=new.token, session_id=session.session_id, expires_at=session.expires_at, device_token=device)

    @classmethod
    def in_cookies(cls, session: Session) -> "NewSessionView":
        return cls(token=None, session_id=session.session_id, expires_at=session.expires_at)


class SessionView(View):
    session_id: UUID
    label: Annotated[str, Field(description="User-Agent of the client that signed in.")]
    current: Annotated[bool, Field(description="Whether this request uses this session.")]
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime

    @classmethod
    def of(cls, session: Session, *, current: Session) -> "SessionView":
        return cls(
            session_id=session.session_id,
            label=session.label,
            current=session.session_id == current.session_id,
            created_at=session.created_at,
            last_used_at=session.last_used_at,
            expires_at=session.expires_at,
        )


class SessionsView(View):
    items: list[SessionView]


class FilterView(View):
    name: str
    group: str
    summary: str
    parameters: Annotated[dict[str, Any], Field(description="JSON Schema.")]


class LookView(View):
    name: str
    summary: str
    pipeline: Annotated[list[dict[str, Any]], Field(description="The steps that it expands to.")]


class FiltersView(View):
    items: list[FilterView]
    looks: Annotated[list[LookView], Field(description="Named pipelines, which can be used like a filter.")]


class ImageView(View):
    image_id: UUID
    format: str
    bytes: int
    sha256: str
    created_at: datetime

    @classmethod
    def of(cls, image: StoredImage) -> "ImageView":
        return cls.model_validate(_members(image, cls))


class LinkedImageView(ImageView):
    url: Annotated[str, Field(description="Presigned; valid until `url_expires_at`.")]
    url_expires_at: datetime


class OutputView(View):
    url: Annotated[str, Field(description="Presigned; valid until `url_expires_at`.")]
    url_expires_at: datetime
    format: str
    width: int
    height: int
    bytes: int
    sha256: str

    @classmethod
    def of(cls, output: Output) -> "OutputView":
        return cls.model_validate(_members(output, cls))


class TaskErrorView(View):
    code: str
    detail: str


class TaskView(View):
    task_id: UUID
    status: TaskStatus
    attempt: Annotated[int, Field(description="Number of times that a worker has claimed the task.")]
    image_id: Annotated[UUID | None, Field(description="Null after the source image was deleted.")]
    pipeline: Annotated[list[dict[str, Any]], Field(description="The steps with every parameter, defaults included.")]
    output_options: dict[str, Any]
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    error: Annotated[TaskErrorView | None, Field(description="Error of the latest failed attempt.")]
    output: OutputView | None
    analysis: Annotated[dict[str, Any] | None, Field(description="Results of `output.analyse`, by name.")]
    render_report: Annotated[
        RenderReport | None,
        Field(description="The executed plan with timings in milliseconds. Null before success."),
    ]

    @classmethod
    def of(cls, task: Task) -> "TaskView":
        return cls(
            task_id=task.task_id,
            status=task.status,
            attempt=task.attempt,
            image_id=task.image_id,
            pipeline=list(task.pipeline),
            output_options=task.output_options,
            created_at=task.created_at,
            started_at=task.started_at,
            finished_at=task.finished_at,
            error=TaskErrorView(code=task.error_code, detail=task.error_detail or "") if task.error_code else None,
            output=OutputView.of(task.output) if task.output else None,
            analysis=task.analysis,
            render_report=RenderReport.model_validate(task.render_report) if task.render_report else None,
        )


class TaskEventView(View):
    """A transition of a task."""

    task_id: UUID
    status: TaskStatus
    attempt: int
    at: Annotated[datetime | None, Field(description="Null where the time of this transition was not recorded.")]
    task: Annotated[TaskView | None, Field(description="The task, in the event that ends it.")] = None


class PageView[Item: View](View):
    items: list[Item]
    next_cursor: Annotated[
        str | None, Field(description="Send it as `cursor` for the next page; null on the last page.")
    ]


class HealthView(View):
    status: Literal["ok", "degraded", "unavailable"]
    dependencies: Annotated[dict[str, str], Field(description='State of each dependency: "ok" or an explanation.')] = {}
    isolation: Annotated[
        dict[str, str] | None,
        Field(description='Sandbox layers of the render processes: "active", or why one is missing.'),
    ] = None


def _members(value: object, view: type[View]) -> dict[str, Any]:
    return {name: getattr(value, name) for name in view.model_fields}
