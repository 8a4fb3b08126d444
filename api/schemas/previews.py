"""Previews."""

from typing import Annotated

from pydantic import Field

from api.schemas.tasks import NewTaskBody
from imaging import MAX_PREVIEW_SIDE


class PreviewBody(NewTaskBody):
    """An image, steps and options as of a task."""

    max_side: Annotated[int, Field(ge=1, le=MAX_PREVIEW_SIDE, description="Longest side of the preview in pixels.")] = (
        MAX_PREVIEW_SIDE
    )
