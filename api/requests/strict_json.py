"""Parses JSON from clients. What parsers disagree about is rejected: a proxy may have read it differently.

RFC 8259 leaves duplicate keys and numbers out of range open, https://www.rfc-editor.org/rfc/rfc7493 (I-JSON) does not.
"""

import json
import math
from collections import Counter
from collections.abc import Iterator
from typing import Any

from pydantic_core import from_json

type _Pairs = list[tuple[str, Any]]
type _Path = tuple[str, ...]
_LONGEST_KEY = 50  # in a message
_REASONS = {  # by what the decoder's message contains
    "escape": "a string has an invalid escape sequence",
    "EOF": "the text ends too early",
    "key must be a string": "a name in double quotes is expected",
    "trailing comma": "there is a trailing comma",
    "trailing characters": "there is more text after the value",
    "expected `": "a comma, a colon or a closing bracket is missing",
    "expected": "a value, such as a string in double quotes, is expected",
    "recursion limit": "there are too many levels",
    "out of range": "a number is out of range",
    "limit": "a number is out of range",
    "surrogate": "a string has an invalid escape sequence",
    "control character": "a string contains a line break or another control character",
    "unicode": "the text is not UTF-8",
}


class InvalidJson(ValueError):
    """`path` leads to the error: keys and positions, such as ("0", "sigma"). Empty: the text as a whole."""

    def __init__(self, message: str, *, path: _Path = ()) -> None:
        super().__init__(message)
        self.message = message
        self.path = path


def parse_json(text: str | bytes) -> Any:  # noqa: ANN401 - whatever the client wrote
    """Return the value of `text`, UTF-8 if bytes.

    Raises InvalidJson for wrong syntax or encoding, more than 200 levels, a key twice in an object, NaN, infinities
    and numbers that are too large.
    """
    try:
        value = from_json(text, allow_inf_nan=False)
        json.loads(text, object_pairs_hook=_reject_duplicates, parse_float=_finite)
    except _DuplicateKeyError:
        raise _duplicate_in(text) from None
    except InvalidJson:
        raise
    except ValueError as error:
        raise InvalidJson(_explain(error)) from error
    return value


def _explain(error: ValueError) -> str:
    """Return what is wrong, and where if the decoder knows."""
    message, at, position = str(error).partition(" at line ")
    reason = next((ours for theirs, ours in _REASONS.items() if theirs in message), "unexpected text")
    return f"Invalid JSON: {reason}{at}{position}."


class _DuplicateKeyError(Exception):
    pass


class _Object(tuple[tuple[str, Any], ...]):
    """An object with all its pairs, duplicates included."""

    __slots__ = ()


def _reject_duplicates(pairs: _Pairs) -> None:
    if len(dict(pairs)) != len(pairs):
        raise _DuplicateKeyError


def _finite(text: str) -> None:
    if not math.isfinite(float(text)):
        raise InvalidJson(f"Invalid JSON: the number {text[:_LONGEST_KEY]} is out of range.")


def _duplicate_in(text: str | bytes) -> InvalidJson:
    """Parse once more to find the path: it is not known while an object is parsed."""
    path = next(_duplicates(json.loads(text, object_pairs_hook=_Object), ()))
    return InvalidJson(f"The key {path[-1]!r} occurs more than once in its object. Send it once.", path=path)


def _duplicates(value: object, path: _Path) -> Iterator[_Path]:
    if isinstance(value, _Object):
        for key, count in Counter(key for key, _ in value).items():
            if count > 1:
                yield (*path, key[:_LONGEST_KEY])
        for key, member in value:
            yield from _duplicates(member, (*path, key[:_LONGEST_KEY]))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _duplicates(item, (*path, str(index)))
