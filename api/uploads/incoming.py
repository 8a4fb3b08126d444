"""Streams an upload to the object store while it is counted and hashed. A rejected upload leaves nothing behind."""

import hashlib
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Collection
from contextlib import AsyncExitStack, asynccontextmanager

from starlette.requests import Request

from api.uploads.bodies import body_chunks
from api.uploads.file_names import stem_of
from api.uploads.multipart import Event, MultipartReader, PartBegan, PartData, boundary_of
from core.errors import InvalidRequest, MalformedBody, Problem, UnsupportedImage, UploadTooLarge
from core.failpoints import failpoint
from core.ids import uuid7
from core.keys import source_key
from core.telemetry import UPLOADED_BYTES
from core.validation import describe_unknown
from imaging import MEDIA_TYPES, READABLE, describe_unsupported, extension, list_formats, needs_more, sniff
from storage import NewImage, ObjectStore, Upload

IMAGE_FIELD = "image"
_IMAGE_ALIASES = frozenset({"data", "file", "files", "photo", "picture", "source", "upload"})
_MAX_TEXT_BYTES = 64 * 1024  # of all text fields together, names included
_MAX_FRAMING_BYTES = 2 * _MAX_TEXT_BYTES  # of a multipart body besides the image

Fields = dict[str, list[str]]
Check = Callable[[Fields], Awaitable[object]]


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
            raise _invalid(IMAGE_FIELD, "The image is missing or empty.")
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


async def read_raw(request: Request, image: IncomingImage, *, max_bytes: int) -> None:
    async for chunk in body_chunks(request, max_bytes=max_bytes):
        await image.write(chunk)


async def read_form(
    request: Request,
    image: IncomingImage,
    *,
    max_bytes: int,
    names: frozenset[str] = frozenset(),
    check: Check | None = None,
) -> Fields:
    """Read a multipart body: return its text fields and write its image to `image`, in any order.

    `check` gets the fields that precede the image and may raise before a byte of the image is stored.
    """
    reader = MultipartReader(boundary_of(request.headers.get("content-type", "")))
    form = _Form(image, names, check)
    await form.read(_events(reader, body_chunks(request, max_bytes=max_bytes + _MAX_FRAMING_BYTES)))
    return form.fields


async def _events(reader: MultipartReader, chunks: AsyncIterable[bytes]) -> AsyncIterator[Event]:
    """Yield the events of the parts. Raises MalformedBody if headers and preamble exceed the bound."""
    framing_bytes = 0
    async for chunk in chunks:
        framing_bytes += len(chunk)
        for event in reader.feed(chunk):
            framing_bytes -= len(event.data) if isinstance(event, PartData) else 0
            yield event
        if framing_bytes > _MAX_FRAMING_BYTES:
            raise MalformedBody(f"The multipart headers are larger than the limit of {_MAX_FRAMING_BYTES} bytes.")
    reader.finish()


class _Form:
    def __init__(self, image: IncomingImage, names: frozenset[str], check: Check | None) -> None:
        self.fields: Fields = {}
        self._image = image
        self._names = names
        self._check = check
        self._has_image = False
        self._name = ""
        self._text = bytearray()
        self._room_bytes = _MAX_TEXT_BYTES

    async def read(self, events: AsyncIterable[Event]) -> None:
        async for event in events:
            match event:
                case PartBegan(name, file_name):
                    await self._begin(name, file_name)
                case PartData(data) if self._name == IMAGE_FIELD:
                    await self._image.write(data)
                case PartData(data):
                    self._use_room(len(data))
                    self._text += data
                case _:
                    self._end()

    async def _begin(self, name: str, file_name: str | None) -> None:
        self._name = name
        if name == IMAGE_FIELD:
            if self._has_image:
                raise _invalid(IMAGE_FIELD, "Only one image is allowed per request.")
            self._has_image = True
            self._image.file_name = stem_of(file_name)
            if self._check:
                await self._check(self.fields)
        elif name in self._names:
            self._use_room(len(name))
        else:
            raise _invalid(name[:100], _unknown_field(name[:100], {IMAGE_FIELD, *self._names}))

    def _use_room(self, text_bytes: int) -> None:
        self._room_bytes -= text_bytes
        if self._room_bytes < 0:
            raise _invalid(self._name, f"The text fields are larger than {_MAX_TEXT_BYTES} bytes in total.")

    def _end(self) -> None:
        if self._name == IMAGE_FIELD:
            return
        try:
            self.fields.setdefault(self._name, []).append(self._text.decode())
        except UnicodeDecodeError as error:
            raise _invalid(self._name, "The value is not valid UTF-8.") from error
        self._text.clear()


def _invalid(place: str, message: str) -> InvalidRequest:
    return InvalidRequest("The request is invalid; see `problems`.", problems=(Problem(place, message),))


def _unknown_field(name: str, known: Collection[str]) -> str:
    """Return the message for a field that does not exist. Other clients call the image "file", "photo" and so on."""
    if name.lower() in _IMAGE_ALIASES:
        return f"unknown field {name!r}. Did you mean {IMAGE_FIELD!r}?"
    return describe_unknown("field", name, sorted(known))
