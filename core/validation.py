"""Describes validation errors of pydantic in our words: which value is wrong, what it is, and what is allowed."""

import difflib
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, get_args

from pydantic import ValidationError
from pydantic_core.core_schema import ErrorType

from core.errors import MAX_PROBLEMS, Problem

_LONGEST_PART = 50  # characters of a key or value in a message
_MOST_LISTED = 20
_SIMILAR = 0.7  # of 1, so that unrelated names are not suggested
_SECRETS = frozenset({"password", "new_password", "secret_access_key", "s3_secret_access_key", "token"})

# By pydantic's error type, https://docs.pydantic.dev/latest/errors/validation_errors/
_MESSAGES = {
    "missing": "is required",
    "greater_than": "must be greater than {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be at most {le}",
    "multiple_of": "must be a multiple of {multiple_of}",
    "finite_number": "must be a finite number",
    "literal_error": "must be {expected}",
    "enum": "must be {expected}",
    "string_too_short": "must have at least {min_length} characters",
    "string_too_long": "must have at most {max_length} characters",
    "too_short": "must have at least {min_length} items",
    "too_long": "must have at most {max_length} items",
    "string_pattern_mismatch": "must match the pattern {pattern}",
    "int_parsing_size": "is out of range",
    "none_required": "must be null",
}
_PYDANTIC = frozenset(get_args(ErrorType))  # other types are of our own validators
_KINDS = {
    "int": "a whole number",
    "float": "a number",
    "decimal": "a number",
    "bool": "true or false",
    "string": "a string",
    "list": "a list",
    "tuple": "a list",
    "set": "a list",
    "dict": "an object",
    "model": "an object",
    "uuid": "a UUID",
    "url": "a URL",
    "path": "a path",
    "datetime": "a date and time as in RFC 3339",
}


def problems_of(
    error: ValidationError, value: object, *, prefix: str = "", fields: Iterable[str] = (), show_values: bool = True
) -> list[Problem]:
    """Convert pydantic's errors about `value` to problems: one a path, and at most MAX_PROBLEMS.

    `prefix` is put before each path, such as `pipeline.2`; without it, the path of the whole value is `body`.
    `fields` are the known names, for suggestions. `show_values=False` is for bodies with a password, which may be
    sent in a wrong place.
    """
    known, problems = tuple(fields), dict[str, Problem]()
    for detail in error.errors(include_url=False)[: 2 * MAX_PROBLEMS]:  # more than is reported: some are of one path
        parts = [str(part)[:_LONGEST_PART] for part in _path(detail["loc"], value)]
        path = ".".join([prefix, *parts] if prefix else parts) or "body"
        message = message_of(detail, known, show_value=show_values)
        problems.setdefault(path, Problem(path, message, code=_code_of(detail["type"]), values=_values_of(detail)))
    return [each for path, each in problems.items() if not _is_parent(path, problems)][:MAX_PROBLEMS]


def describe_unknown(kind: str, name: object, known: Iterable[str]) -> str:
    """Return the message for a name that does not exist, with what was probably meant, else with the known names."""
    names, shown = list(known), str(name)[:_LONGEST_PART]
    near = difflib.get_close_matches(shown.lower(), names, n=3, cutoff=_SIMILAR)
    hint = f"Did you mean {' or '.join(map(repr, near))}?" if near else f"Known: {_list_names(names)}."
    return f"unknown {kind} {shown!r}. {hint}"


def message_of(detail: Mapping[str, Any], known: Iterable[str] = (), *, show_value: bool = True) -> str:
    """Return the message for one of pydantic's errors, without its path. A password is never shown."""
    name, context = detail["type"], detail.get("ctx", {})
    if name == "extra_forbidden":
        return describe_unknown("field", detail["loc"][-1], known)
    if "reason" in context:  # email-validator's sentence
        return "must be an email address such as name@example.com"
    if name in {"value_error", "assertion_error"}:
        return str(context.get("error", detail["msg"]))
    is_secret = not _SECRETS.isdisjoint(detail["loc"])
    text = _describe(name, context, own=detail["msg"])
    if is_secret:
        return text.replace(" items", " characters")  # a secret's length is counted in items
    is_shown = show_value and name != "missing"
    return f"{text}; got {_format_value(detail.get('input'))}" if is_shown else text


def _code_of(name: str) -> str:
    """Return `float` for all errors of something that is no number, and so on; "" for what only a message explains."""
    kind = name.partition("_")[0]
    if name in _MESSAGES or name not in _PYDANTIC:
        return name
    return kind if kind in _KINDS else ""


def _values_of(detail: Mapping[str, Any]) -> dict[str, object]:
    """Return what the message names."""
    name, context = detail["type"], detail.get("ctx", {})
    named = {key for key in context if name not in _PYDANTIC or f"{{{key}}}" in _MESSAGES.get(name, "")}
    return {key: _drop_zero_fraction(value) for key, value in context.items() if key in named}


def _describe(name: str, context: Mapping[str, Any], *, own: str) -> str:
    """Return our words for an error of pydantic; `own` are those of an error that our validators raise."""
    if name not in _PYDANTIC:
        return own
    if name in _MESSAGES:
        return _MESSAGES[name].format_map({key: _drop_zero_fraction(value) for key, value in context.items()})
    kind = _KINDS.get(name.partition("_")[0])
    return f"must be {kind}" if kind else "is invalid"


def _drop_zero_fraction(bound: object) -> object:
    """Return 250 for 250.0."""
    return int(bound) if isinstance(bound, float) and bound.is_integer() else bound


def _format_value(value: object) -> str:
    try:
        text = json.dumps(value, ensure_ascii=False, default=str)
    except ValueError:
        text = str(value)
    return text if len(text) <= _LONGEST_PART else f"{text[:_LONGEST_PART]}…"


def _list_names(names: list[str]) -> str:
    more = f" and {len(names) - _MOST_LISTED} more" if len(names) > _MOST_LISTED else ""
    return (", ".join(names[:_MOST_LISTED]) or "none") + more


def _is_parent(path: str, others: Iterable[str]) -> bool:
    """Return whether a problem lies deeper: pydantic also counts a list as too short when its items are invalid."""
    return any(other.startswith(f"{path}.") for other in others)


def _path(loc: tuple[object, ...], value: object) -> Iterator[object]:
    """Yield the parts of `loc` that lead through `value`: pydantic puts names of union members in between."""
    for index, part in enumerate(loc):
        if isinstance(value, Mapping) and (part in value or index == len(loc) - 1):
            yield part
            value = value.get(part)
        elif isinstance(value, list | tuple) and isinstance(part, int):
            yield part
            value = value[part] if part < len(value) else None
