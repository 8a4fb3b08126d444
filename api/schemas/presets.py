"""Presets."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field, WithJsonSchema

from api.schemas.base import Body, View, members_of
from storage import Preset


class PresetBody(Body):
    # Of any type here: imaging reports the path of each problem.
    pipeline: Annotated[Any, WithJsonSchema({"anyOf": [{"type": "array", "items": {}}, {"type": "string"}]})] = Field(
        default=[], description='Steps: `{"filter": name, …parameters}`, see `/v1/filters`; or `thumbor:filters:…`.'
    )
    output: Annotated[dict[str, Any] | None, Field(description="`format`, `quality`, `background`, …")] = None


class PresetView(View):
    name: Annotated[str, Field(description="Name of the preset.")]
    version: Annotated[int, Field(description="Grows with each change; a version never changes.")]
    reference: Annotated[str, Field(description="Names this version as the `pipeline` of a task.")]
    pipeline: Annotated[list[dict[str, Any]], Field(description="The steps with every parameter, defaults included.")]
    output_options: Annotated[
        dict[str, Any], Field(description="The output options that were saved, and the defaults of the others.")
    ]
    created_at: Annotated[datetime, Field(description="When this version was saved.")]

    @classmethod
    def of(cls, preset: Preset) -> "PresetView":
        return cls.model_validate(members_of(preset, cls))
