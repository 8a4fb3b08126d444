"""The signed path of a delivery URL: `{steps or @preset}[/output,…]/{image_id}.{extension}`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from api.delivery.negotiation import HINTS
from api.tasks.spec import PRESET_START, RenderSpec, rejection
from core.errors import NotFound, Problem
from imaging import AUTO, NO_STEPS, extension, format_pipeline, format_steps, parse_steps

_HINTS = "hints"  # one of them, which no other output has
_LONGEST = 40  # characters in a message
_OUTPUT = "output"  # a step that holds output options; no filter has this name


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryPath:
    image_id: UUID
    steps: list[dict[str, Any]] | str  # as in the pipeline of a task: JSON, or the reference of a preset
    output: dict[str, Any]
    hints: tuple[str, ...] = ()  # client hints that this URL follows

    @property
    def may_change(self) -> bool:
        """Return whether the path names a preset without its version."""
        return isinstance(self.steps, str) and "." not in self.steps


def parse_path(path: str) -> DeliveryPath:
    """Raises InvalidPipeline with the place of an error, and NotFound for what is no image's id."""
    steps, _, source = path.rpartition("/")
    image_id, _, suffix = source.partition(".")
    first, _, rest = steps.partition("/")
    is_preset = first.startswith(PRESET_START)
    parsed = parse_steps((rest or NO_STEPS) if is_preset or (first == NO_STEPS and rest) else steps)
    output = parsed.pop() if parsed and parsed[-1]["filter"] == _OUTPUT else {"filter": _OUTPUT}
    if (is_preset or first == NO_STEPS) and parsed:
        what = "a preset are not supported. Save them as a preset" if is_preset else f"{NO_STEPS!r} contradict it"
        raise rejection([Problem("pipeline", f"steps after {what}")])
    options = {name: value for name, value in output.items() if name not in {"filter", _HINTS}}
    hints = _parse_hints(output.get(_HINTS, []))
    try:
        source_id = UUID(image_id)
    except ValueError as error:
        raise NotFound("Image not found.") from error
    return DeliveryPath(
        image_id=source_id,
        steps=first if is_preset else parsed,
        output={**options, "format": suffix},
        hints=hints,
    )


def _parse_hints(value: object) -> tuple[str, ...]:
    """Return the hints in the order of HINTS. Raises InvalidPipeline for an unknown one."""
    names = value if isinstance(value, list) else [value]
    if unknown := [name for name in names if name not in HINTS]:
        message = f"unknown client hint {str(unknown[0])[:_LONGEST]!r}. Known: {', '.join(HINTS)}"
        raise rejection([Problem(f"{_OUTPUT}.{_HINTS}", message)])
    return tuple(hint for hint in HINTS if hint in names)


def format_path(spec: RenderSpec, image_id: UUID, *, hints: Sequence[str] = ()) -> str:
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
    return "/".join([steps, *output, f"{image_id}.{suffix}"])
