"""Filters and looks."""

from typing import Annotated, Any

from pydantic import Field

from api.schemas.base import View


class FilterView(View):
    name: str
    group: str
    summary: str
    preview_note: Annotated[str | None, Field(description="Why a preview may differ visibly from the output.")]
    parameters: Annotated[dict[str, Any], Field(description="JSON Schema.")]


class LookView(View):
    name: str
    summary: str
    pipeline: Annotated[list[dict[str, Any]], Field(description="The steps that it expands to.")]


class FiltersView(View):
    items: list[FilterView]
    looks: Annotated[list[LookView], Field(description="Named pipelines, which can be used like a filter.")]
