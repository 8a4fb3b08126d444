"""What the clients do, as calls: tasks and images."""

import io
import time
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from http import HTTPMethod
from pathlib import Path
from typing import Any
from urllib.parse import quote

from darkroom.client.calls import Call, Operation, json_of
from darkroom.client.errors import NotAllowed, TaskFailed, TaskUnfinished
from darkroom.client.files import ImageInput, Progress, Sink, Source
from darkroom.client.models import Catalogue, DeliveryUrl, Image, Output, Task, read
from darkroom.client.options import TaskOptions
from darkroom.client.pipelines import Pipeline, form_fields, json_fields

_WAIT_SECONDS = 30  # of each request that waits
_READ_SECONDS = 30.0  # beyond them
_PAGE = 100


def catalogue() -> Operation[Catalogue]:
    answer = yield Call(method=HTTPMethod.GET, url="/v1/filters")
    return read(Catalogue, json_of(answer))


def submit(  # noqa: PLR0913 - by name
    image: ImageInput | Image,
    pipeline: Pipeline,
    *,
    output: Mapping[str, Any] | None,
    options: TaskOptions,
    idempotency_key: str | None,
    progress: Progress | None,
) -> Operation[Task]:
    if isinstance(image, Image):
        content: dict[str, Any] = {"json": json_fields(image.image_id, pipeline, output, options)}
    else:
        content = {"fields": form_fields(pipeline, output, options), "image": Source(image, progress)}
    headers = {"Idempotency-Key": idempotency_key or str(uuid.uuid4())}
    answer = yield Call(method=HTTPMethod.POST, url="/v1/tasks", headers=headers, **content)
    return read(Task, json_of(answer))


def get_task(task_id: str, *, wait_seconds: int = 0) -> Operation[Task]:
    answer = yield Call(
        method=HTTPMethod.GET,
        url=f"/v1/tasks/{quote(task_id, safe='')}",
        headers={"Prefer": f"wait={wait_seconds}"} if wait_seconds else {},
        seconds=_READ_SECONDS + wait_seconds,
    )
    return read(Task, json_of(answer))


def wait(task: Task | str, *, seconds: float | None) -> Operation[Task]:
    """Raises TaskUnfinished after `seconds`, rounded up; None waits without a limit."""
    deadline = None if seconds is None else time.monotonic() + seconds
    current = task if isinstance(task, Task) else (yield from get_task(task))
    while not current.has_ended:
        left = _WAIT_SECONDS if deadline is None else deadline - time.monotonic()
        if left <= 0:
            raise TaskUnfinished(current, seconds or 0)
        current = yield from get_task(current.task_id, wait_seconds=max(1, min(_WAIT_SECONDS, round(left))))
    return current


def cancel(task_id: str) -> Operation[Task]:
    answer = yield Call(method=HTTPMethod.POST, url=f"/v1/tasks/{quote(task_id, safe='')}/cancel")
    return read(Task, json_of(answer))


def delete(kind: str, item_id: str) -> Operation[None]:
    yield Call(method=HTTPMethod.DELETE, url=f"/v1/{kind}/{quote(item_id, safe='')}")


def save(task: Task, path: Path) -> Operation[Path]:
    with Sink.to(path) as sink:
        yield from _receive(task, sink)
    return path


def download(task: Task) -> Operation[bytes]:
    data = io.BytesIO()
    yield from _receive(task, Sink(data))
    return data.getvalue()


def _receive(task: Task, sink: Sink) -> Operation[None]:
    """Signed links expire: then the task gives a new one."""
    output = _output_of(task)
    try:
        yield Call(method=HTTPMethod.GET, url=output.url, sink=sink)
    except NotAllowed:
        output = _output_of((yield from get_task(task.task_id)))
        yield Call(method=HTTPMethod.GET, url=output.url, sink=sink)
    sink.check(output.sha256)


def _output_of(task: Task) -> Output:
    if task.output is None:
        raise TaskFailed(task)
    return task.output


def preview(image_id: str, pipeline: Pipeline, *, max_side: int) -> Operation[bytes]:
    """Return a small PNG of what a task would give."""
    body = {**json_fields(image_id, pipeline, {"format": "png"}), "max_side": max_side}
    answer = yield Call(method=HTTPMethod.POST, url="/v1/previews", json=body)
    return answer.content


def list_page(kind: str, *, cursor: str | None, **filters: Any) -> Operation[Mapping[str, Any]]:  # noqa: ANN401 - parameters
    params = {"limit": _PAGE, "cursor": cursor, **filters}
    given = {name: value for name, value in params.items() if value not in {None, ()}}
    answer = yield Call(method=HTTPMethod.GET, url=f"/v1/{kind}", params=given)
    found: Mapping[str, Any] = json_of(answer)
    return found


def upload(
    image: ImageInput, *, reference: str | None, tags: Sequence[str], progress: Progress | None
) -> Operation[Image]:
    given = {"reference": reference, "tag": list(tags)}
    fields = {name: value for name, value in given.items() if value}
    headers = {"Idempotency-Key": str(uuid.uuid4())}  # if the answer is lost, a retry gets the same image
    source = Source(image, progress)
    answer = yield Call(method=HTTPMethod.POST, url="/v1/images", headers=headers, fields=fields, image=source)
    return read(Image, json_of(answer))


def get_image(image_id: str) -> Operation[Image]:
    answer = yield Call(method=HTTPMethod.GET, url=f"/v1/images/{quote(image_id, safe='')}")
    return read(Image, json_of(answer))


def delivery_url(
    image_id: str, pipeline: Pipeline, *, output: Mapping[str, Any], expires_at: datetime | None
) -> Operation[DeliveryUrl]:
    body = json_fields(image_id, pipeline, output)
    if expires_at:
        body["expires_at"] = expires_at.isoformat()
    answer = yield Call(method=HTTPMethod.POST, url="/v1/delivery-urls", json=body)
    return read(DeliveryUrl, json_of(answer))
