"""The heart of it: one picture, one pipeline, one output."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from api.dependencies import OpenLinks, OpenResources, RequestId, TaskSession
from api.errors import refusals
from api.openapi import TASK_BODY
from api.prefer_wait import Patience
from api.quotas import BUSY
from api.schemas import NewTaskBody, TaskView
from api.tasks.auxiliary_images import check_second_pictures, check_source
from api.tasks.idempotency import KeyHeader, identify
from api.tasks.spec import ORDER_FIELDS, order_from, order_from_form
from api.uploads.bodies import BODY_REFUSALS, read_json
from api.uploads.incoming import read_form, receiving
from api.uploads.multipart import is_multipart
from core import errors
from core.tasks import Task

_ACCEPTED = "multipart/form-data with the field `image`, or as application/json with an `image_id`"

router = APIRouter(prefix="/v1/tasks", tags=["tasks"])


class _New:
    """A task on its way from the request's body to its row."""

    def __init__(
        self,
        request: Request,
        resources: OpenResources,
        session: TaskSession,
        request_id: RequestId,
        idempotency_key: KeyHeader = None,
    ) -> None:
        self._request = request
        self._resources = resources
        self._owner_id = session.user_id
        self._request_id = request_id
        self._key = idempotency_key

    async def task(self) -> Task:
        make = self._from_form if is_multipart(self._request.headers.get("content-type", "")) else self._from_json
        async with self._resources.idempotency.holding(self._key, owner_id=self._owner_id):
            return await make()

    async def _from_form(self) -> Task:
        """The fields are validated when the picture begins, if they came first, and in any case before it is complete.

        With a key that made a task before, the picture is only compared with the one that came then.
        """
        max_bytes, bounds = self._resources.max_upload_bytes, self._resources.bounds
        receive = receiving(self._resources.storage.objects, max_bytes=max_bytes)
        async with bounds.uploading(self._owner_id), receive as incoming:
            fields = await read_form(
                self._request, incoming, max_bytes=max_bytes, names=ORDER_FIELDS, check=order_from_form
            )
            order = order_from_form(fields)
            idempotency = identify(self._key, order, image=incoming.sha256)
            if first := await self._resources.idempotency.first(idempotency, owner_id=self._owner_id):
                return first
            await check_second_pictures(order, self._resources.storage.images, owner_id=self._owner_id)
            image = await incoming.complete()
        return await self._resources.submission.submit(
            order, image, owner_id=self._owner_id, request_id=self._request_id, idempotency=idempotency
        )

    async def _from_json(self) -> Task:
        body = await read_json(self._request, NewTaskBody, accepted=_ACCEPTED)
        order = order_from(body.pipeline, body.output)
        idempotency = identify(self._key, order, image=str(body.image_id))
        if first := await self._resources.idempotency.first(idempotency, owner_id=self._owner_id):
            return first
        image = await self._resources.storage.images.get(body.image_id, owner_id=self._owner_id)
        if image is None:
            raise errors.NotFound("There is no such image.")
        check_source(image)
        await check_second_pictures(order, self._resources.storage.images, owner_id=self._owner_id)
        return await self._resources.submission.submit(
            order, image, owner_id=self._owner_id, request_id=self._request_id, idempotency=idempotency
        )


@router.post(
    "",
    status_code=HTTPStatus.ACCEPTED,
    summary="Apply filters to a picture",
    openapi_extra=TASK_BODY,
    responses={
        HTTPStatus.OK.value: {"model": TaskView, "description": "The task has ended: `Prefer: wait` was heard."},
        **refusals(
            errors.Unauthenticated,
            errors.NotFound,
            errors.RequestInProgress,
            errors.IdempotencyKeyReused,
            errors.UnsupportedImage,
            errors.UnsupportedMediaType,
            errors.InvalidPipeline,
            *BUSY,
            *BODY_REFUSALS,
        ),
    },
)
async def submit_task(
    new: Annotated[_New, Depends()],
    response: Response,
    links: OpenLinks,
    patience: Patience,
) -> TaskView:
    """A multipart body brings the picture along, a JSON body names one that was uploaded before."""
    task = await patience.wait(await new.task())
    response.headers["Location"] = f"/v1/tasks/{task.task_id}"
    if patience.asked and task.status.is_final:
        response.status_code = HTTPStatus.OK
    return TaskView.of(await links.refresh(task))
