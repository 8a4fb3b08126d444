"""Parses multipart/form-data incrementally into events, without holding the body.

Folded header fields, a preamble and an epilogue are legal MIME (RFC 2046, RFC 5322) and accepted.
"""

from dataclasses import dataclass

from multipart import MultipartError, MultipartSegment, PushMultipartParser, parse_options_header

from core.errors import MalformedBody

_MAX_PARTS = 64  # a field for each step of a pipeline, and the others
_LONGEST_CONTENT_TYPE = 1024  # RFC 2046 allows boundaries of 70 characters
_LONGEST_BOUNDARY = 256
_LONGEST_FIELD_BYTES = 16 * 1024  # of a header field; file names are cut later
_CHARSET = "latin-1"  # of the parser, which then decodes whatever bytes a name has


@dataclass(frozen=True, slots=True)
class PartBegan:
    """`file_name` is whatever the client sent, with folders, of any length."""

    name: str
    file_name: str | None = None


@dataclass(frozen=True, slots=True)
class PartData:
    data: bytes


@dataclass(frozen=True, slots=True)
class PartEnded:
    pass


Event = PartBegan | PartData | PartEnded


def is_multipart(content_type: str) -> bool:
    return content_type.partition(";")[0].strip().lower() == "multipart/form-data"


def boundary_of(content_type: str) -> bytes:
    if len(content_type) > _LONGEST_CONTENT_TYPE:
        raise MalformedBody(f"The Content-Type is longer than {_LONGEST_CONTENT_TYPE} characters.")
    boundary: str | None = parse_options_header(content_type)[1].get("boundary")
    if not boundary:
        raise MalformedBody("The Content-Type of a multipart body needs a boundary parameter.")
    return boundary.encode(_CHARSET, "replace")


class MultipartReader:
    """Turns chunks of any size into the same events."""

    def __init__(self, boundary: bytes) -> None:
        self._parts = 0
        if len(boundary) > _LONGEST_BOUNDARY:
            raise MalformedBody(f"The boundary of the multipart body is longer than {_LONGEST_BOUNDARY} characters.")
        try:
            self._parser = PushMultipartParser(boundary, max_header_size=_LONGEST_FIELD_BYTES, header_charset=_CHARSET)
        except MultipartError as error:
            raise MalformedBody("The boundary of the multipart body is invalid.") from error

    def feed(self, chunk: bytes) -> list[Event]:
        """Return the events of a chunk. Raises MalformedBody."""
        try:
            return [self._event(each) for each in self._parser.parse(chunk)] if chunk else []
        except MultipartError as error:
            raise MalformedBody(
                "The multipart body is malformed. Each part needs a Content-Disposition of form-data with a name."
            ) from error

    def finish(self) -> None:
        try:
            self._parser.close()
        except MultipartError as error:
            raise MalformedBody("The multipart body ends before its closing boundary.") from error

    def _event(self, found: MultipartSegment | bytes | bytearray | None) -> Event:
        if isinstance(found, MultipartSegment):
            return self._begin(found)
        return PartEnded() if found is None else PartData(bytes(found))

    def _begin(self, part: MultipartSegment) -> PartBegan:
        self._parts += 1
        if self._parts > _MAX_PARTS:
            raise MalformedBody(f"The multipart body has more than {_MAX_PARTS} parts.")
        if not part.name:
            raise MalformedBody("Each part of the multipart body needs a Content-Disposition with a name.")
        return PartBegan(_decode(part.name), None if part.filename is None else _decode(part.filename))


def _decode(name: str) -> str:
    return name.encode(_CHARSET).decode("utf-8", "replace")
