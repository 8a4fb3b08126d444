"""What the service answers, as values. Fields that a newer service adds are ignored."""

from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, get_args

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Json = dict[str, Any]
_FINAL = frozenset({"succeeded", "failed", "cancelled"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """A rendered image. `url` needs no token and is valid until `url_expires_at`."""

    url: str
    url_expires_at: datetime
    format: str
    width: int
    height: int
    bytes: int
    sha256: str
    file_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskError:
    code: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskWarning:
    """What succeeded and is probably not what was meant, such as a step that changes nothing."""

    code: str
    message: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """`status` is queued, running, succeeded, failed or cancelled."""

    task_id: str
    status: str
    attempt: int
    image_id: str | None
    pipeline: list[Json]
    output_options: Json
    preset: str | None
    reference: str | None
    tags: list[str] | None
    disposition: str | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    expires_at: datetime | None
    error: TaskError | None
    output: Output | None
    analysis: Json | None
    warnings: list[TaskWarning] | None
    render_report: Json | None

    @property
    def has_ended(self) -> bool:
        return self.status in _FINAL


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A transition of a task; `task` is in the one that ends it."""

    task_id: str
    status: str
    attempt: int
    at: datetime | None
    task: Task | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """`url` is there where one image was asked for, not in lists."""

    image_id: str
    format: str
    bytes: int
    sha256: str
    file_name: str | None
    reference: str | None
    tags: list[str] | None
    created_at: datetime
    expires_at: datetime | None
    url: str | None
    url_expires_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryUrl:
    url: str
    expires_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """`parameters` is a JSON Schema."""

    name: str
    group: str
    summary: str
    preview_note: str | None
    parameters: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A named pipeline, which can be used like a filter."""

    name: str
    summary: str
    pipeline: list[Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    items: list[Filter]
    looks: list[Look]


def read[Model: "DataclassInstance"](model: type[Model], json: Json) -> Model:
    """Make a model of a JSON object; what it lacks is None."""
    return model(**{field.name: _value(json.get(field.name), field.type) for field in fields(model)})


def _value(value: Any, kind: Any) -> Any:  # noqa: ANN401 - JSON, and the type of a field
    kinds = [inner for each in get_args(kind) or (kind,) for inner in get_args(each) or (each,)]  # of list[X] | None, X
    if value is None:
        return None
    if datetime in kinds:
        return datetime.fromisoformat(value)
    model = next((each for each in kinds if is_dataclass(each)), None)
    if not isinstance(model, type):
        return value
    return [read(model, each) for each in value] if isinstance(value, list) else read(model, value)
