"""Downloads of objects that are stored as files, by signed link. With an S3 server, links lead there instead."""

from http import HTTPStatus
from os import stat_result
from pathlib import Path
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import FileResponse, Response
from starlette.types import Receive, Scope, Send

from api.dependencies import OpenStorage
from api.errors import error_responses
from api.requests import byte_ranges
from core import errors
from storage import FileStore, LinkTerms, content_disposition

router = APIRouter(prefix="/v1/objects", tags=["objects"])
_LONGEST_KEY = 200  # characters; our keys are shorter


class _File(FileResponse):
    """Starlette handles ranges, ETag and dates. A client that stops reading holds two chunks in memory."""

    chunk_size = 2**17  # larger chunks cost fewer thread switches
    serves_ranges = True

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not self.serves_ranges:
            scope = {**scope, "headers": [field for field in scope["headers"] if field[0] != b"range"]}
        await super().__call__(scope, receive, send)


@router.get(
    "/{key:path}",
    summary="Download an object by its signed link",
    response_class=_File,
    responses={
        HTTPStatus.PARTIAL_CONTENT.value: {"description": "The requested range."},
        HTTPStatus.NOT_MODIFIED.value: {"description": "The client has the current object."},
        **error_responses(
            errors.LinkInvalid, errors.LinkExpired, errors.NotFound, errors.RangeNotSatisfiable, errors.InvalidRequest
        ),
    },
)
async def get_object(  # noqa: PLR0913, PLR0917 - the parts of a link
    request: Request,
    storage: OpenStorage,
    key: str,
    expires: Annotated[int, Query(ge=0, lt=2**40, description="Seconds since 1970.")] = 0,
    media_type: Annotated[str, Query(alias="type", description="Content-Type of the download.")] = "",
    name: Annotated[str, Query(description="File name of the download.")] = "",
    disposition: Annotated[
        Literal["attachment", "inline"], Query(description="Whether browsers save or show it.")
    ] = "attachment",
    signature: Annotated[str, Query(description="HMAC-SHA256 over all of the above.")] = "",
) -> Response:
    """Use the `url` of an image or an output: links are signed by the service."""
    files = storage.objects
    if not isinstance(files, FileStore) or len(key) > _LONGEST_KEY:
        raise errors.NotFound("Object not found.")
    inline = disposition == "inline"
    terms = LinkTerms(key=key, expires=expires, media_type=media_type, file_name=name, inline=inline)
    files.signer.check(terms, signature)
    path = files.path(key)
    status = await _status(path)
    file = _response(path, status, terms)
    if _is_known(request, file):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers={"ETag": file.headers["etag"]})
    if request.state.is_head:
        return Response(headers=dict(file.headers))
    file.serves_ranges = _is_partial(request, file, size=status.st_size)
    return file


async def _status(path: Path) -> stat_result:
    try:
        return await run_in_threadpool(path.stat)
    except OSError as error:
        raise errors.NotFound("The object was deleted.") from error


def _response(path: Path, status: stat_result, terms: LinkTerms) -> _File:
    """Respond with an attachment, which browsers save. What they show is an image and never a page of this origin."""
    headers = {
        "Content-Disposition": content_disposition(terms.file_name, inline=terms.inline),
        "Cache-Control": f"private, max-age={max(0, int(terms.seconds_left))}, immutable",
        "Cross-Origin-Resource-Policy": "cross-origin",  # the signature authorises, as with S3
    }
    return _File(path, stat_result=status, media_type=terms.media_type, headers=headers)


def _is_partial(request: Request, file: _File, *, size: int) -> bool:
    """Return whether to send a range: one is requested, and If-Range, if sent, matches this version."""
    requested = request.headers.get("range")
    version = request.headers.get("if-range")
    if requested is None or version not in {None, file.headers["etag"], file.headers["last-modified"]}:
        return False
    return byte_ranges.is_served(requested, size=size)


def _is_known(request: Request, file: _File) -> bool:
    """Evaluate If-None-Match, and If-Modified-Since only without it (RFC 9110, 13.2.2)."""
    sent = request.headers.get("if-none-match")
    if sent is not None:
        tags = {tag.strip().removeprefix("W/") for tag in sent.split(",")}
        return not tags.isdisjoint({file.headers["etag"], "*"})
    return request.headers.get("if-modified-since") == file.headers["last-modified"]
