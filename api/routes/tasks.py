"""Tasks: list, status, output, cancel, delete."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

import structlog
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from api.bulk_delete import CreatedBefore, delete_in_batches
from api.dependencies import CurrentUser, MyTask, OpenLinks, OpenResources, OpenStorage
from api.errors import error_responses
from api.requests.labels import LabelSearch
from api.requests.paging import DEFAULT_LIMIT, Cursor, PageLimit, cursor_of, position_of
from api.requests.prefer_wait import PreferWait
from api.schemas import DeletedView, Disposition, PageView, TaskView
from core import errors
from core.logs import audit_log
from core.tasks import Output, Task, TaskStatus
from imaging import MEDIA_TYPES, extension
from storage import Removed, content_disposition

_log = structlog.get_logger(__name__)
_audit = audit_log(__name__)
router = APIRouter(prefix="/v1/tasks", tags=["tasks"])
_UNFINISHED = "The task has not finished. Wait for it with `Prefer: wait=30` on the task, then ask again."
_WITHOUT_OUTPUT = {
    TaskStatus.FAILED: "The task failed and has no output.",
    TaskStatus.CANCELLED: "The task was cancelled and has no output.",
}
_MINE = (errors.Unauthenticated, errors.NotFound, errors.InvalidRequest)


@router.get(
    "", summary="List tasks, newest first", responses=error_responses(errors.Unauthenticated, errors.InvalidRequest)
)
async def list_tasks(  # noqa: PLR0913, PLR0917 - query parameters
    user: CurrentUser,
    links: OpenLinks,
    labels: LabelSearch,
    status: Annotated[TaskStatus | None, Query(description="Only tasks in this state.")] = None,
    limit: PageLimit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> PageView[TaskView]:
    tasks = await links.storage.tasks.list(
        owner_id=user.user_id, status=status, labels=labels, limit=limit + 1, before=position_of(cursor)
    )
    return PageView(
        items=[
            TaskView.of(await links.refresh(task), expires_at=links.expires_at(task.finished_at))
            for task in tasks[:limit]
        ],
        next_cursor=cursor_of([task.task_id for task in tasks], limit=limit),
    )


@router.get("/{task_id}", summary="Get a task", responses=error_responses(*_MINE))  # noqa: FAST003 - MyTask reads it
async def get_task(task: MyTask, links: OpenLinks, wait: PreferWait) -> TaskView:
    task = await wait.until_ended(task)
    return TaskView.of(await links.refresh_and_store(task), expires_at=links.expires_at(task.finished_at))


@router.get(
    "/{task_id}/output",  # noqa: FAST003 - MyTask reads it
    status_code=HTTPStatus.TEMPORARY_REDIRECT,
    summary="Download the output",
    response_class=RedirectResponse,
    responses={
        HTTPStatus.OK.value: {"description": "The output, after the redirect; for HEAD its headers."},
        **error_responses(*_MINE, errors.TaskNotSucceeded),
    },
)
async def get_output(
    request: Request,
    task: MyTask,
    links: OpenLinks,
    disposition: Annotated[
        Disposition | None, Query(description="Whether browsers save the output or show it; as the task says.")
    ] = None,
) -> Response:
    """Redirect to a fresh presigned link. HEAD is answered with the headers of the output: links are signed for GET."""
    inline = task.is_shown_inline if disposition is None else disposition == "inline"
    is_stored = inline == task.is_shown_inline
    task = await links.refresh_and_store(task) if is_stored else task
    output = output_of(task)
    if request.state.is_head:
        return Response(headers=_headers_of(output, name=task.output_name, inline=inline))
    url = output.url if is_stored else await links.sign_output(task, output, inline=inline)
    return RedirectResponse(url, headers={"Cache-Control": "no-store"})


def output_of(task: Task) -> Output:
    """Raises TaskNotSucceeded."""
    if task.output is None:
        raise errors.TaskNotSucceeded(_WITHOUT_OUTPUT.get(task.status, _UNFINISHED))
    return task.output


def _headers_of(output: Output, *, name: str, inline: bool) -> dict[str, str]:
    return {
        "Content-Type": MEDIA_TYPES[output.format],
        "Content-Length": str(output.bytes),
        "Content-Disposition": content_disposition(f"{name}.{extension(output.format)}", inline=inline),
    }


@router.post("/{task_id}/cancel", summary="Cancel a task", responses=error_responses(*_MINE))
async def cancel_task(task_id: UUID, user: CurrentUser, resources: OpenResources, links: OpenLinks) -> TaskView:
    """Cancel a task. A task that has ended does not change."""
    task = await resources.storage.tasks.cancel(task_id, owner_id=user.user_id)
    if task is None:
        raise errors.NotFound("Task not found.")
    resources.storage.notifications.notify(task_id)
    if task.status is TaskStatus.CANCELLED:
        _log.info("task_cancelled", task_id=str(task_id))
    return TaskView.of(await links.refresh(task), expires_at=links.expires_at(task.finished_at))


@router.delete(
    "",
    summary="Delete tasks by state and age",
    responses=error_responses(errors.Unauthenticated, errors.InvalidRequest),
)
async def delete_tasks(
    user: CurrentUser,
    storage: OpenStorage,
    status: Annotated[list[TaskStatus], Query(min_length=1, max_length=5, description="Only tasks in these states.")],
    created_before: CreatedBefore | None = None,
) -> DeletedView:
    """Delete the tasks that match, with their outputs and the images that came with them, the oldest first.

    At most 1,000 are deleted: repeat the request while `has_more` is true.
    """

    async def delete_some(limit: int) -> Removed:
        return await storage.tasks.delete_some(
            owner_id=user.user_id, statuses=status, created_before=created_before, limit=limit
        )

    removed = await delete_in_batches(delete_some, storage.objects)
    _audit.info("tasks_deleted", tasks=removed.count)
    return DeletedView(deleted=removed.count, has_more=removed.has_more)


@router.delete(
    "/{task_id}",
    status_code=HTTPStatus.NO_CONTENT,
    summary="Delete a task and its objects",
    responses=error_responses(*_MINE),
)
async def delete_task(task_id: UUID, user: CurrentUser, storage: OpenStorage) -> None:
    keys = await storage.tasks.delete(task_id, owner_id=user.user_id)
    if keys is None:
        raise errors.NotFound("Task not found.")
    await storage.objects.discard(keys)
    _audit.info("task_deleted", task_id=str(task_id))
