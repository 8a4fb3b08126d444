"""Steps as a path of a URL, such as `resize,w=320,h=240,fit=cover/sepia`, and back.

    steps  = "-" | step *( "/" step )            "-": no step
    step   = name *( "," name "=" value )        names of filters, looks and parameters; w and h: width and height
    value  = list | "true" | "false" | "null" | number | string
    list   = "(" [ value *( ";" value ) ] ")"
    number = as in JSON, without "+"
    string = "~" | 1*( letter | digit | "-" | "_" | "." | ":" | "$" | "~" 2HEX )

`$` stands for #, `~20` for the byte 0x20 of UTF-8, and `~` alone for no text. A string that would be read as another
value has its first character in that form: `~32024` is "2024". No character needs percent-encoding (RFC 3986, 3.3), so
that every client, proxy and cache sees the same path.
"""

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from core.errors import InvalidPipeline, Problem
from imaging.pipeline.parse import Pipeline

Step = dict[str, Any]

NO_STEPS = "-"
_SHORT = {"width": "w", "height": "h"}
_LONG = {short: name for name, short in _SHORT.items()}
_NAME = re.compile(r"[a-z0-9][a-z0-9_]{0,49}")
_LITERALS = {"true": True, "false": False, "null": None}
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,30})(?:\.[0-9]{1,30})?(?:e-?[0-9]{1,3})?")
_PLAIN = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.:")
_STRING = re.compile(r"(?:[A-Za-z0-9_.:$-]|~[0-9A-Fa-f]{2})+")
_ESCAPED = re.compile(r"~(..)")
_EMPTY = "~"
_HASH = ord("#")
_EXACT = 2**53  # below it a float without a fraction is written as a whole number
_TOKEN = re.compile(r"[();]|[^();]+")
_OPEN, _CLOSE = "(", ")"
_MAX_DEPTH = 4
_LONGEST = 40  # characters in a message


def parse_steps(text: str) -> list[Step]:
    """Return the steps as JSON, for `parse_pipeline`. Raises InvalidPipeline with the path of the first error."""
    if text == NO_STEPS:
        return []
    return [_parse_step(part, f"pipeline.{index}") for index, part in enumerate(text.split("/"))]


def format_steps(steps: Sequence[Mapping[str, Any]]) -> str:
    """Return the text of steps in JSON, with their parameters in the given order; the inverse of `parse_steps`."""
    return "/".join(map(_format_step, steps)) or NO_STEPS


def format_pipeline(pipeline: Pipeline) -> str:
    """Return the canonical text: looks expanded, parameters in the order of the catalogue, defaults omitted."""
    return format_steps(
        [{"filter": step.name, **step.model_dump(mode="json", exclude_defaults=True)} for step in pipeline.steps]
    )


def _parse_step(text: str, path: str) -> Step:
    name, *parameters = text.split(",")
    if not _NAME.fullmatch(name):
        raise _rejection(path, f"must be a step such as resize,w=320, in lower case; got {_shorten(text)}")
    step: Step = {"filter": name}
    for parameter in parameters:
        key, equals, value = parameter.partition("=")
        key = _LONG.get(key, key)
        if not (equals and _NAME.fullmatch(key)) or key == "filter":
            raise _rejection(path, f"parameters are written as name=value; got {_shorten(parameter)}")
        if key in step:
            raise _rejection(f"{path}.{key}", "occurs more than once")
        step[key] = _parse_value(value, f"{path}.{key}")
    return step


def _parse_value(text: str, path: str) -> Any:  # noqa: ANN401 - any JSON
    tokens = iter(_TOKEN.findall(text))
    value = _parse_item(next(tokens, ""), tokens, path, depth=1)
    if (more := next(tokens, None)) is not None:
        raise _rejection(path, f"ends before {_shorten(more)}")
    return value


def _parse_item(first: str, tokens: Iterator[str], path: str, *, depth: int) -> Any:  # noqa: ANN401 - any JSON
    """Parse the value that begins with `first`, and in a list the tokens up to its closing parenthesis."""
    if first != _OPEN:
        return _parse_scalar(first, path)
    if depth > _MAX_DEPTH:
        raise _rejection(path, f"has lists in lists; at most {_MAX_DEPTH} levels are allowed")
    items: list[Any] = []
    following = next(tokens, "")
    while not (following == _CLOSE and not items):
        items.append(_parse_item(following, tokens, path, depth=depth + 1))
        separator = next(tokens, "")
        if separator == _CLOSE:
            break
        if separator != ";":
            raise _rejection(path, f"needs `;` or `)` after item {len(items)} of its list")
        following = next(tokens, "")
    return items


def _parse_scalar(text: str, path: str) -> Any:  # noqa: ANN401 - any JSON
    if text in _LITERALS:
        return _LITERALS[text]
    if _NUMBER.fullmatch(text):
        return _parse_number(text, path)
    if text == _EMPTY:
        return ""
    if not _STRING.fullmatch(text):
        message = f"must be a value, with special characters as ~ and two hexadecimal digits; got {_shorten(text)}"
        raise _rejection(path, message)
    try:
        return unescape_text(text)
    except ValueError as error:
        raise _rejection(path, "is not UTF-8") from error


def escape_text(text: str) -> str:
    """Return text in the characters of the grammar."""
    return _escape(text.encode())


def unescape_text(text: str) -> str:
    """Return what `escape_text` was given. Raises ValueError for other characters, and for bytes that are no UTF-8."""
    if not _STRING.fullmatch(text):
        raise ValueError(text)
    data = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text.replace("$", "#")).encode("latin-1")
    return data.decode()


def _parse_number(text: str, path: str) -> int | float:
    number: int | float = json.loads(text)
    if isinstance(number, float) and not math.isfinite(number):
        raise _rejection(path, f"is out of range: {_shorten(text)}")
    return number


def _format_step(step: Mapping[str, Any]) -> str:
    parameters = (f",{_SHORT.get(key, key)}={_format_value(value)}" for key, value in step.items() if key != "filter")
    return "".join((step["filter"], *parameters))


def _format_value(value: Any) -> str:  # noqa: ANN401 - any JSON
    if isinstance(value, str):
        return _format_string(value)
    if isinstance(value, list | tuple):
        return f"({';'.join(map(_format_value, value))})"
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
        value = int(value)
    return json.dumps(value).replace("+", "")


def _format_string(text: str) -> str:
    if not text:
        return _EMPTY
    data = text.encode()
    first, rest = data[:1], data[1:]
    plain = _escape(data)
    is_other = plain in _LITERALS or _NUMBER.fullmatch(plain)
    return f"~{first[0]:02X}{_escape(rest)}" if is_other else plain


def _escape(data: bytes) -> str:
    return "".join(chr(byte) if byte in _PLAIN else "$" if byte == _HASH else f"~{byte:02X}" for byte in data)


def _shorten(text: str) -> str:
    return repr(text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…")


def _rejection(path: str, message: str) -> InvalidPipeline:
    return InvalidPipeline(f"{path}: {message}", problems=(Problem(path, message),))
