"""Reads multipart forms: their text fields, and their image while it is uploaded."""

from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Collection

from starlette.requests import Request

from api.uploads.bodies import body_chunks
from api.uploads.file_names import stem_of
from api.uploads.incoming import IMAGE_FIELD, IncomingImage, invalid
from api.uploads.multipart import Event, MultipartReader, PartBegan, PartData, boundary_of
from core.errors import MalformedBody
from core.validation import describe_unknown

_IMAGE_ALIASES = frozenset({"data", "file", "files", "photo", "picture", "source", "upload"})
_MAX_TEXT_BYTES = 64 * 1024  # of all text fields together, names included
_MAX_FRAMING_BYTES = 2 * _MAX_TEXT_BYTES  # of a multipart body besides the image

Fields = dict[str, list[str]]
Check = Callable[[Fields], Awaitable[object]]


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
                raise invalid(IMAGE_FIELD, "Only one image is allowed per request.")
            self._has_image = True
            self._image.file_name = stem_of(file_name)
            if self._check:
                await self._check(self.fields)
        elif name in self._names:
            self._use_room(len(name))
        else:
            raise invalid(name[:100], _unknown_field(name[:100], {IMAGE_FIELD, *self._names}))

    def _use_room(self, text_bytes: int) -> None:
        self._room_bytes -= text_bytes
        if self._room_bytes < 0:
            raise invalid(self._name, f"The text fields are larger than {_MAX_TEXT_BYTES} bytes in total.")

    def _end(self) -> None:
        if self._name == IMAGE_FIELD:
            return
        try:
            self.fields.setdefault(self._name, []).append(self._text.decode())
        except UnicodeDecodeError as error:
            raise invalid(self._name, "The value is not valid UTF-8.") from error
        self._text.clear()


def _unknown_field(name: str, known: Collection[str]) -> str:
    """Return the message for a field that does not exist. Other clients call the image "file", "photo" and so on."""
    if name.lower() in _IMAGE_ALIASES:
        return f"unknown field {name!r}. Did you mean {IMAGE_FIELD!r}?"
    return describe_unknown("field", name, sorted(known))
