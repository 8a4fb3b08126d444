"""The signed path of a delivery URL: `{steps or @preset}[/output,…]/{image_id or source:path}.{extension}`."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any
from uuid import UUID

from api.delivery.negotiation import HINTS
from api.tasks.spec import PRESET_START, RenderSpec, rejection, spec_from
from core.errors import NotFound, Problem
from imaging import AUTO, NO_STEPS, escape_text, extension, format_pipeline, format_steps, parse_steps, unescape_text

_NAMED = re.compile(r"(?:^|(?<=/))([a-z0-9][a-z0-9_-]{0,49}):")
_LONGEST_PATH = 1000
_REMEMBERED = 1000  # paths: most requests are for those that were requested before
_HINTS = "hints"  # one of them, which no other output has
_LONGEST = 40  # characters in a message
_OUTPUT = "output"  # a step that holds output options; no filter has this name


@dataclass(frozen=True, slots=True)
class NamedImage:
    """An image of a named source, such as `shop:2026/cat.jpg`."""

    source: str
    path: str

    def __str__(self) -> str:
        return f"{self.source}:{'/'.join(map(escape_text, self.path.split('/')))}"


@dataclass(frozen=True, kw_only=True, eq=False)
class DeliveryPath:
    image: UUID | NamedImage
    steps: list[dict[str, Any]] | str  # as in the pipeline of a task: JSON, or the reference of a preset
    output: dict[str, Any]
    hints: tuple[str, ...] = ()  # client hints that this URL follows

    @property
    def is_preset(self) -> bool:
        return isinstance(self.steps, str) and self.steps.startswith(PRESET_START)

    @property
    def may_change(self) -> bool:
        """Return whether the path names a preset without its version."""
        return isinstance(self.steps, str) and "." not in self.steps

    @cached_property
    def spec(self) -> RenderSpec | None:
        """What the steps and options render; None for a preset, which may change. Raises InvalidPipeline."""
        return None if self.is_preset else spec_from(self.steps, self.output)


@lru_cache(maxsize=_REMEMBERED)
def parse_path(path: str) -> DeliveryPath:
    """Raises InvalidPipeline with the place of an error, and NotFound for what is no image's id."""
    steps, image, suffix = _split(path)
    first, _, rest = steps.partition("/")
    is_preset = first.startswith(PRESET_START)
    parsed = parse_steps((rest or NO_STEPS) if is_preset or (first == NO_STEPS and rest) else steps)
    output = parsed.pop() if parsed and parsed[-1]["filter"] == _OUTPUT else {"filter": _OUTPUT}
    if "format" in output:
        raise rejection([Problem("output.format", "is the extension of the URL")])
    if misplaced := [index for index, step in enumerate(parsed) if step["filter"] == _OUTPUT]:
        raise rejection([Problem(f"pipeline.{misplaced[0]}", "output options must be the last step")])
    if (is_preset or first == NO_STEPS) and parsed:
        what = "a preset are not supported. Save them as a preset" if is_preset else f"{NO_STEPS!r} contradict it"
        raise rejection([Problem("pipeline", f"steps after {what}")])
    options = {name: value for name, value in output.items() if name not in {"filter", _HINTS}}
    hints = _parse_hints(output.get(_HINTS, []))
    return DeliveryPath(
        image=image,
        steps=first if is_preset else parsed,
        output={**options, "format": suffix},
        hints=hints,
    )


def _split(path: str) -> tuple[str, UUID | NamedImage, str]:
    """Return steps, image and extension. A named source begins with the first segment that no step can be."""
    if named := _NAMED.search(path):
        text, _, suffix = path[named.end() :].rpartition(".")
        return path[: named.start()].removesuffix("/"), NamedImage(named[1], parse_source_path(text)), suffix
    steps, _, source = path.rpartition("/")
    image_id, _, suffix = source.partition(".")
    try:
        return steps, UUID(image_id), suffix
    except ValueError as error:
        raise NotFound("Image not found.") from error


def parse_named_image(text: str | None) -> NamedImage:
    """Return the image of `shop:2026/cat.jpg`. Raises InvalidPipeline for another text."""
    named = _NAMED.match(text or "")
    if text is None or named is None:
        raise rejection([Problem("source", "must be the name of a source and a path, such as shop:2026/cat.jpg")])
    return NamedImage(named[1], check_source_path(text[named.end() :]))


def parse_image(text: str) -> UUID | NamedImage:
    """Return the image of an id, whose extension is ignored, or of `shop:2026/cat.jpg`. Raises NotFound."""
    if named := _NAMED.match(text):
        return NamedImage(named[1], check_source_path(text[named.end() :]))
    try:
        return UUID(text.partition(".")[0])
    except ValueError as error:
        raise NotFound("Image not found.") from error


def parse_source_path(text: str) -> str:
    """Return the path with its escapes read. Raises NotFound for one that no source has."""
    try:
        return check_source_path("/".join(map(unescape_text, text.split("/"))))
    except ValueError as error:
        raise NotFound("Image not found.") from error


def check_source_path(path: str) -> str:
    is_normal = all(segment not in {"", ".", ".."} for segment in path.split("/"))
    if not is_normal or not path.isprintable() or "\\" in path or len(path) > _LONGEST_PATH:
        raise NotFound("Image not found.")
    return path


def _parse_hints(value: object) -> tuple[str, ...]:
    """Return the hints in the order of HINTS. Raises InvalidPipeline for an unknown one."""
    names = value if isinstance(value, list) else [value]
    if unknown := [name for name in names if name not in HINTS]:
        message = f"unknown client hint {str(unknown[0])[:_LONGEST]!r}. Known: {', '.join(HINTS)}"
        raise rejection([Problem(f"{_OUTPUT}.{_HINTS}", message)])
    return tuple(hint for hint in HINTS if hint in names)


def format_path(spec: RenderSpec, image: UUID | NamedImage, *, hints: Sequence[str] = ()) -> str:
    """Return the canonical path; a preset stays a reference."""
    if spec.preset:
        steps, options = spec.preset.requested, spec.preset.given_output
    else:
        steps, options = format_pipeline(spec.pipeline), spec.output.model_dump(mode="json", exclude_defaults=True)
    given = {name: value for name, value in options.items() if name != "format"} if isinstance(options, dict) else {}
    if hints:
        given[_HINTS] = list(hints)
    output = [format_steps([{"filter": _OUTPUT, **given}])] if given else []
    suffix = AUTO if spec.output.format == AUTO else extension(spec.output.format)
    return "/".join([steps, *output, f"{image}.{suffix}"])
