"""The signed path of a delivery URL: `{steps or @preset}[/output,…]/{image_id}.{extension}`."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from api.tasks.spec import PRESET_START, RenderSpec, rejection
from core.errors import NotFound, Problem
from imaging import extension, format_pipeline, format_steps, parse_steps

_OUTPUT = "output"  # a step that holds output options; no filter has this name


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryPath:
    image_id: UUID
    steps: list[dict[str, Any]] | str  # as in the pipeline of a task: JSON, or the reference of a preset
    output: dict[str, Any]

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
    parsed = parse_steps((rest or "-") if is_preset else steps)
    output = parsed.pop() if parsed and parsed[-1]["filter"] == _OUTPUT else {"filter": _OUTPUT}
    if is_preset and parsed:
        raise rejection([Problem("pipeline", "steps after a preset are not supported. Save them as a preset")])
    options = {name: value for name, value in output.items() if name != "filter"}
    try:
        source_id = UUID(image_id)
    except ValueError as error:
        raise NotFound("Image not found.") from error
    return DeliveryPath(image_id=source_id, steps=first if is_preset else parsed, output={**options, "format": suffix})


def format_path(spec: RenderSpec, image_id: UUID) -> str:
    """Return the canonical path; a preset stays a reference. The output format must not be `auto`."""
    if spec.preset:
        steps, options = spec.preset.requested, spec.preset.given_output
    else:
        steps, options = format_pipeline(spec.pipeline), spec.output.model_dump(mode="json", exclude_defaults=True)
    given = {name: value for name, value in options.items() if name != "format"} if isinstance(options, dict) else {}
    output = [format_steps([{"filter": _OUTPUT, **given}])] if given else []
    return "/".join([steps, *output, f"{image_id}.{extension(spec.output.format)}"])
