"""Parses multipart/form-data incrementally into events, without holding the body."""

from dataclasses import dataclass

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, MultipartState, parse_options_header

from core.errors import MalformedBody

_MAX_PARTS = 64  # a field for each step of a pipeline, and the others
_LONGEST_CONTENT_TYPE = 1024  # RFC 2046 allows boundaries of 70 characters


@dataclass(frozen=True, slots=True)
class PartBegan:
    name: str


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
    boundary = parse_options_header(content_type)[1].get(b"boundary")
    if not boundary:
        raise MalformedBody("The Content-Type of a multipart body needs a boundary parameter.")
    return boundary


class MultipartReader:
    """Turns chunks of any size into the same events."""

    def __init__(self, boundary: bytes) -> None:
        self._events: list[Event] = []
        self._header_name = b""
        self._header_value = b""
        self._name: str | None = None
        self._parts = 0
        try:
            self._parser = MultipartParser(
                boundary,
                {
                    "on_part_begin": self._on_part_begin,
                    "on_header_field": self._on_header_field,
                    "on_header_value": self._on_header_value,
                    "on_header_end": self._on_header_end,
                    "on_headers_finished": self._on_headers_finished,
                    "on_part_data": self._on_part_data,
                    "on_part_end": self._on_part_end,
                },
            )
        except FormParserError as error:
            raise MalformedBody("The boundary of the multipart body is too long.") from error

    def feed(self, chunk: bytes) -> list[Event]:
        try:
            self._parser.write(chunk)
        except FormParserError as error:
            raise MalformedBody("The multipart body is malformed.") from error
        events, self._events = self._events, []
        return events

    def finish(self) -> None:
        if self._parser.state != MultipartState.END:
            raise MalformedBody("The multipart body ends before its closing boundary.")

    def _on_part_begin(self) -> None:
        self._parts += 1
        if self._parts > _MAX_PARTS:
            raise MalformedBody(f"The multipart body has more than {_MAX_PARTS} parts.")
        self._name = None

    def _on_header_field(self, data: bytes, start: int, end: int) -> None:
        self._header_name += data[start:end]

    def _on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._header_value += data[start:end]

    def _on_header_end(self) -> None:
        if self._header_name.lower() == b"content-disposition":
            name = parse_options_header(self._header_value)[1].get(b"name")
            self._name = None if name is None else name.decode("utf-8", "replace")
        self._header_name = self._header_value = b""

    def _on_headers_finished(self) -> None:
        if self._name is None:
            raise MalformedBody("Each part of the multipart body needs a Content-Disposition with a name.")
        self._events.append(PartBegan(self._name))

    def _on_part_data(self, data: bytes, start: int, end: int) -> None:
        self._events.append(PartData(data[start:end]))

    def _on_part_end(self) -> None:
        self._events.append(PartEnded())
