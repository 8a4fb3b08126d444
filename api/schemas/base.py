"""What bodies, views and pages have in common."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field


class Body(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class View(BaseModel):
    model_config = ConfigDict(frozen=True)


class PageView[Item: View](View):
    items: Annotated[list[Item], Field(description="This page.")]
    next_cursor: Annotated[
        str | None, Field(description="Send it as `cursor` for the next page; null on the last page.")
    ]


class DeletedView(View):
    deleted: Annotated[int, Field(description="How many were deleted.")]
    has_more: Annotated[bool, Field(description="Whether more may match: send the same request again.")]


def members_of(value: object, view: type[View], **others: object) -> dict[str, Any]:
    """Return the attributes of `value` that have the names of the view's fields, and `others` in place of theirs."""
    return {name: others[name] if name in others else getattr(value, name) for name in view.model_fields}
