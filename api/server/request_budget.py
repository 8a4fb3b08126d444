"""Limits the bytes of a request outside its body.

The parser buffers a field until it is complete, and does not report chunk extensions. So the bytes that it was fed are
counted, piece by piece, besides those that it reports.
"""

from core.errors import HeadersTooLarge, MalformedRequest, TargetTooLong

_PIECE_BYTES = 4 * 1024  # fed to the parser at a time
MAX_TARGET_BYTES = 8 * 1024
MAX_HEAD_BYTES = 32 * 1024  # request line and header fields
MAX_FIELDS = 100
MAX_FRAMING_BYTES = 16 * 1024  # chunk sizes, chunk extensions and trailers: more than the body, and without any of it
_FIELD_BYTES = len(b": \r\n")


class RequestBudget:
    """Counts for one connection. Raises one of RejectedByConnection above a limit."""

    def __init__(self) -> None:
        self.in_body = False
        self._piece_bytes = 0
        self._body_bytes_of_piece = 0
        self._ended_in_piece = False
        self._fed_head_bytes = 0
        self._begin()

    @property
    def next_piece_bytes(self) -> int:
        """How much may be fed to the parser: of what is certainly body, everything."""
        return max(_PIECE_BYTES, self._body_left_bytes)

    @property
    def is_declared(self) -> bool:
        """Whether a body of declared length is not complete."""
        return self._body_left_bytes > 0

    def _begin(self) -> None:
        self._target_bytes = 0
        self._head_bytes = 0
        self._fields = 0
        self._framing_bytes = 0
        self._bodiless_bytes = 0
        self._body_left_bytes = 0

    def begin_piece(self, piece_bytes: int) -> None:
        self._piece_bytes = piece_bytes
        self._body_bytes_of_piece = 0
        self._ended_in_piece = False

    def end_piece(self) -> None:
        if self._ended_in_piece:  # it is unknown where in it the next request began: that is counted from here on
            return
        if self.in_body:
            self._count_framing()
            return
        self._fed_head_bytes += self._piece_bytes
        if self._fed_head_bytes > MAX_HEAD_BYTES:
            raise _head_too_large()

    def begin_request(self) -> None:
        self._begin()

    def add_target(self, target_bytes: int) -> None:
        self._target_bytes += target_bytes
        self._add_to_head(target_bytes)
        if self._target_bytes > MAX_TARGET_BYTES:
            raise TargetTooLong(f"The request target is larger than {MAX_TARGET_BYTES} bytes.")

    def add_field(self, name: bytes, value: bytes) -> None:
        """Count a header field or a trailer field."""
        self._fields += 1
        if self._fields > MAX_FIELDS:
            raise HeadersTooLarge(f"The request has more than {MAX_FIELDS} header fields.")
        self._add_to_head(len(name) + len(value) + _FIELD_BYTES)

    def begin_body(self, declared_bytes: int) -> None:
        """`declared_bytes`: its Content-Length; 0 without one."""
        self.in_body = True
        self._body_left_bytes = declared_bytes
        self._framing_bytes = -self._piece_bytes  # which also holds the end of the header section

    def add_body(self, body_bytes: int) -> None:
        self._body_bytes_of_piece += body_bytes
        self._body_left_bytes -= body_bytes

    def end_request(self) -> None:
        self.in_body = False
        self._ended_in_piece = True
        self._fed_head_bytes = 0

    def _add_to_head(self, head_bytes: int) -> None:
        self._head_bytes += head_bytes
        if self._head_bytes > MAX_HEAD_BYTES:
            raise _head_too_large()

    def _count_framing(self) -> None:
        body_bytes = self._body_bytes_of_piece
        self._framing_bytes += self._piece_bytes - 2 * body_bytes
        self._bodiless_bytes = 0 if body_bytes else self._bodiless_bytes + self._piece_bytes
        if max(self._framing_bytes, self._bodiless_bytes) > MAX_FRAMING_BYTES:
            raise MalformedRequest(
                f"Chunk sizes, chunk extensions and trailers exceed the body by more than {MAX_FRAMING_BYTES} bytes."
            )


def _head_too_large() -> HeadersTooLarge:
    return HeadersTooLarge(f"The request line and header fields are larger than {MAX_HEAD_BYTES} bytes.")
