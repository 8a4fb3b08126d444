"""Filters and looks."""

from typing import Annotated, Any

from pydantic import Field

from api.schemas.base import View


class FilterView(View):
    name: Annotated[str, Field(description="Name in a pipeline.")]
    group: Annotated[str, Field(description="Group in the catalogue.")]
    summary: Annotated[str, Field(description="What it does, in a sentence.")]
    preview_note: Annotated[str | None, Field(description="Why a preview may differ visibly from the output.")]
    parameters: Annotated[dict[str, Any], Field(description="JSON Schema.")]


class LookView(View):
    name: Annotated[str, Field(description="Name in a pipeline.")]
    summary: Annotated[str, Field(description="What it looks like, in a sentence.")]
    pipeline: Annotated[list[dict[str, Any]], Field(description="The steps that it expands to.")]


class FiltersView(View):
    items: Annotated[list[FilterView], Field(description="Every filter, by group.")]
    looks: Annotated[list[LookView], Field(description="Named pipelines, which can be used like a filter.")]
