"""Steps and options as they are written in a shell: `blur:sigma=4`, `resize:width=320,height=240`, `@preset`."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([kKmM]?)[bB]?")
_FACTORS = {"": 1, "k": 1000, "m": 1_000_000}
FILE_START = "@"


class StepError(ValueError):
    """The message says what is wrong and how it is written."""


def parse_step(text: str) -> dict[str, Any]:
    """Read `name`, `name:parameter=value,…` or JSON."""
    if text.startswith("{"):
        return _object(text)
    name, _, parameters = text.partition(":")
    if not name:
        raise StepError(f"{text!r} has no filter: write it as blur:sigma=4.")
    if "=" in name:
        raise StepError(f"{text!r}: a colon separates the filter from its parameters, as in blur:sigma=4.")
    return {"filter": name.strip(), **parse_parameters(parameters, of=name)}


def parse_parameters(text: str, *, of: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for part in _split(text):
        name, equals, value = part.partition("=")
        if not equals or not name.strip():
            raise StepError(
                f"{of}: {part!r} is no parameter: write it as name=value, and a text with a comma in double quotes."
            )
        found[name.strip()] = parse_value(value)
    return found


def _split(text: str) -> Iterator[str]:
    """Yield what commas separate, except those in quotes and brackets."""
    depth, quoted, part = 0, False, ""
    for character in text:
        quoted ^= character == '"'
        depth += 0 if quoted else (character in "[{") - (character in "]}")
        if character == "," and not (quoted or depth):
            yield part
            part = ""
        else:
            part += character
    if part:
        yield part


def parse_value(text: str) -> Any:  # noqa: ANN401 - JSON
    """Return numbers, true, false, null, lists and quoted texts as JSON reads them; everything else is a text.

    Raises StepError for a list without its end.
    """
    try:
        return json.loads(text)
    except ValueError as error:
        if text.startswith("[") and not text.endswith("]"):
            raise StepError(f"{text} is a list that does not end: {error}.") from error
        return text


def parse_size(text: str) -> int:
    """Read a number of bytes: `100k` is 100,000."""
    match = _SIZE.fullmatch(text.strip())
    if match is None:
        raise StepError(f"{text!r} is no size: write it as 100k, 1.5M or 20000.")
    return round(float(match[1]) * _FACTORS[match[2].lower()])


def files_in(steps: Sequence[Mapping[str, Any]]) -> list[Path]:
    """Return the images that steps refer to by `@path`; they are uploaded once for all files.

    Raises StepError for a file that is missing.
    """
    for name, value in ((name, value) for step in steps for name, value in step.items()):
        if name.endswith("_id") and isinstance(value, str) and value.startswith(FILE_START) and not _is_file(value):
            raise StepError(f"{name}={value}: there is no file {value[1:]}.")
    return [Path(value[1:]) for step in steps for value in step.values() if _is_file(value)]


def with_ids(steps: Sequence[Mapping[str, Any]], ids: dict[Path, str]) -> list[dict[str, Any]]:
    """Return the steps with the ids of uploaded images in place of their paths."""
    return [
        {name: ids[Path(value[1:])] if _is_file(value) else value for name, value in step.items()} for step in steps
    ]


def _is_file(value: object) -> bool:
    return isinstance(value, str) and value.startswith(FILE_START) and Path(value[1:]).is_file()


def _object(text: str) -> dict[str, Any]:
    try:
        step = json.loads(text)
    except ValueError as error:
        raise StepError(f"{text!r} is not valid JSON: {error}.") from error
    if not isinstance(step, dict):
        raise StepError(f"{text!r} must be an object with the member `filter`.")
    return step
