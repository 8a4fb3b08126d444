"""Saves presets, and turns what a task names into the pipeline and options that it renders."""

from typing import Any
from uuid import UUID

import structlog

from api.presets.references import PresetReference, parse_reference
from api.tasks.auxiliary_images import check_auxiliary_images
from api.tasks.spec import PRESET_START, PresetUse, RenderSpec, rejection, spec_from
from core.errors import Problem
from storage import ImageRepository, Preset, PresetRepository, SavedPreset

_log = structlog.get_logger(__name__)


class Presets:
    def __init__(self, presets: PresetRepository, images: ImageRepository) -> None:
        self._presets = presets
        self._images = images

    async def save(self, owner_id: UUID, name: str, *, pipeline: object, output: object) -> SavedPreset:
        """Validate, and add a version unless nothing changed. Raises InvalidPipeline or QuotaExceeded."""
        spec = spec_from(pipeline, output)
        await check_auxiliary_images(spec, self._images, owner_id=owner_id)
        saved = await self._presets.put(
            owner_id, name, pipeline=spec.pipeline.as_json(), output_options=spec.output.model_dump(mode="json")
        )
        _log.info("preset_saved", preset_id=str(saved.preset.preset_id), version=saved.preset.version)
        return saved

    async def get(self, owner_id: UUID, reference: PresetReference) -> Preset | None:
        return await self._presets.get(owner_id, reference.name, version=reference.version)

    async def spec(self, steps: object, output: object, file_name: str | None = None, *, owner_id: UUID) -> RenderSpec:
        """Return what steps, or the preset that they name, and output options give together.

        An option in `output` replaces the one of the preset. Raises InvalidPipeline with all errors and their paths.
        """
        if not (isinstance(steps, str) and steps.startswith(PRESET_START)):
            return spec_from(steps, output, file_name=file_name)
        reference = parse_reference(steps)
        preset = await self.get(owner_id, reference)
        if preset is None:
            raise rejection([Problem("pipeline", _describe_unknown(reference))])
        use = PresetUse(name=reference.name, requested=str(reference), given_output=output, version=preset.reference)
        merged = _merge(preset.output_options, output)
        return spec_from(preset.pipeline, merged, file_name=file_name, preset=use)


def _describe_unknown(reference: PresetReference) -> str:
    if reference.version:
        return f"unknown preset {str(reference)!r}. GET /v1/presets/{reference.name} returns the newest version, if any"
    return f"unknown preset {str(reference)!r}. Create it with PUT /v1/presets/{reference.name}"


def _merge(options: dict[str, Any], output: object) -> object:
    """Return both; anything that is not an object is returned as it is, for validation."""
    if output is None:
        return options
    return {**options, **output} if isinstance(output, dict) else output
