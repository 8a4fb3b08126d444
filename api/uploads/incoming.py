"""Streams an upload to the object store while it is counted and hashed. A rejected upload leaves nothing behind."""

import hashlib
from collections.abc import AsyncIterator, Collection
from contextlib import AsyncExitStack, asynccontextmanager

from starlette.requests import Request

from api.uploads.bodies import body_chunks
from core.errors import (
    DarkroomError,
    DependencyUnavailable,
    InvalidRequest,
    Problem,
    UnsupportedImage,
    UploadTooLarge,
)
from core.failpoints import failpoint
from core.ids import uuid7
from core.keys import source_key
from core.telemetry import UPLOADED_BYTES
from imaging import MEDIA_TYPES, READABLE, describe_unsupported, extension, list_formats, needs_more, sniff
from storage import NewImage, ObjectStore, StoredImage, Upload

IMAGE_FIELD = "image"


class IncomingImage:
    """An upload in progress. Nothing of it is kept unless `complete` is called."""

    def __init__(
        self, objects: ObjectStore, stack: AsyncExitStack, *, max_bytes: int, formats: Collection[str]
    ) -> None:
        self._objects = objects
        self._stack = stack
        self._max_bytes = max_bytes
        self._formats = formats
        self._image_id = uuid7()
        self.file_name: str | None = None  # without extension; set it before the first byte
        self._head = b""
        self._format = ""
        self._upload: Upload | None = None
        self._bytes = 0
        self._sha256 = hashlib.sha256()

    @property
    def sha256(self) -> str:
        """SHA-256 of the bytes so far, in hex."""
        return self._sha256.hexdigest()

    @property
    def format(self) -> str:
        """The format that the bytes so far indicate; empty if it is none that is accepted."""
        found = self._format or sniff(self._head) or ""
        return found if found in self._formats else ""

    async def write(self, chunk: bytes) -> None:
        self._bytes += len(chunk)
        if self._bytes > self._max_bytes:
            raise UploadTooLarge(f"The image is larger than the limit of {self._max_bytes} bytes.")
        self._sha256.update(chunk)
        if self._upload:
            await self._upload.write(chunk)
            await failpoint("mid_stream")
            return
        self._head += chunk
        if not needs_more(self._head):
            await self._open()

    async def complete(self) -> NewImage:
        if not self._bytes:
            raise invalid(IMAGE_FIELD, "The image is missing or empty.")
        upload = self._upload or await self._open()
        await upload.complete()
        await failpoint("object_complete")
        UPLOADED_BYTES.inc(self._bytes)
        return NewImage(
            image_id=self._image_id,
            key=source_key(self._image_id),
            format=self._format,
            bytes=self._bytes,
            sha256=self.sha256,
            file_name=self.file_name,
        )

    async def _open(self) -> Upload:
        """Detect the format from the first bytes and begin the upload."""
        found = sniff(self._head)
        if found is None or found not in self._formats:
            raise UnsupportedImage(describe_unsupported(self._head, supported=list_formats(self._formats)))
        key, file_name = source_key(self._image_id), f"{self.file_name or self._image_id}.{extension(found)}"
        opening = self._objects.open_upload(key, media_type=MEDIA_TYPES[found], file_name=file_name)
        upload = await self._stack.enter_async_context(opening)
        await upload.write(self._head)
        self._format, self._upload, self._head = found, upload, b""
        return upload


@asynccontextmanager
async def receiving(
    objects: ObjectStore, *, max_bytes: int, formats: Collection[str] = READABLE
) -> AsyncIterator[IncomingImage]:
    async with AsyncExitStack() as stack:
        yield IncomingImage(objects, stack, max_bytes=max_bytes, formats=formats)


@asynccontextmanager
async def recording(objects: ObjectStore, image: NewImage) -> AsyncIterator[None]:
    """Delete the object of a new image if the body fails and certainly added no row. In doubt the sweep decides later.

    An image that was stored before stays. The body may open one transaction that adds the row, and read after it only
    if that was rolled back.
    """
    try:
        yield
    except DarkroomError as error:
        is_certain = not isinstance(error, DependencyUnavailable) or error.had_no_effect
        if is_certain and not isinstance(image, StoredImage):
            await objects.discard([image.key])
        raise


async def read_raw(request: Request, image: IncomingImage, *, max_bytes: int) -> None:
    async for chunk in body_chunks(request, max_bytes=max_bytes):
        await image.write(chunk)


def invalid(place: str, message: str) -> InvalidRequest:
    return InvalidRequest("The request is invalid; see `problems`.", problems=(Problem(place, message),))
